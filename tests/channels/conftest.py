from tests.channels.dovecot import dovecot as dovecot
from tests.channels.dovecot import dovecot_server as dovecot_server
from tests.channels.letterbox import box as box
from tests.channels.letterbox import cable as cable
from tests.channels.letterbox import quick as quick
from tests.channels.letterbox import set_up as set_up
