from tests.channels.dovecot import dovecot as dovecot
from tests.channels.dovecot import dovecot_server as dovecot_server
