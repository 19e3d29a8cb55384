from tests.web.desk.switchboard import box as box
from tests.web.desk.switchboard import desk as desk
from tests.web.desk.switchboard import ring as ring
