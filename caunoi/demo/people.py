"""The people of the demo, the doors they come by and the keys their programs show (CONTRACT "Demo province")."""

from django.contrib.auth.hashers import make_password

from caunoi.accounts import queries as accounts
from caunoi.accounts.actions import issue_key
from caunoi.accounts.models import Key, User
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Inbox
from caunoi.directory import queries as directory
from caunoi.directory.actions import write_text
from caunoi.directory.models import Agency
from caunoi.events.actor import SYSTEM, Role
from caunoi.starter import kit
from caunoi.starter.first_run import names

PASSWORD = accounts.DEMO_PASSWORD

#  user name, name, role, agency
STAFF: tuple[tuple[str, str, Role, str], ...] = (
    ("lan", "Lan (demo)", Role.OPERATOR, ""),
    ("tam", "Tâm (demo)", Role.SUPERVISOR, ""),
    ("minh", "Minh (demo)", Role.OFFICER, "xncongtrinh"),
    ("hoa", "Hòa (demo)", Role.LEAD, "xncongtrinh"),
    ("thu", "Thu (demo)", Role.REVIEWER, ""),
    ("phong", "Phong (demo)", Role.LEADER, ""),
    ("quan", "Quân (demo)", Role.ADMIN, ""),
)
OPERATORS = (
    ("dao", "Đào (demo)"),
    ("mai", "Mai (demo)"),
    ("cuc", "Cúc (demo)"),
    ("truc", "Trúc (demo)"),
    ("sen", "Sen (demo)"),
    ("hai", "Hải (demo)"),
)

INBOXES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("web", "Cổng thông tin", {}),
    ("app", "Ứng dụng di động", {}),
    ("phone", "Tổng đài 1022", {}),
    ("counter", "Quầy tiếp dân", {}),
    ("paper", "Văn bản, thư tay", {}),
    ("zalo", "Zalo OA Tổng đài 1022", {"app_id": "1022"}),
    ("facebook", "Trang Facebook Tổng đài 1022", {}),
    ("email", "1022@demo.example", {}),
    ("sms", "SMS 1022", {}),
)
SECRETS = {
    "zalo": {"oa_secret": "demo-zalo-secret"},
    "facebook": {"app_secret": "demo-facebook-secret", "verify_token": "demo-verify"},
}


def build() -> None:
    """Create the missing people, inboxes, keys and texts; nobody's password changes."""
    agencies = {a.code: a for a in Agency.objects.all()}
    existing = set(User.objects.values_list("username", flat=True))
    staffed = {agency for _, _, _, agency in STAFF}
    staff = [(name, full, role, agencies.get(agency)) for name, full, role, agency in STAFF]
    staff += [(name, full, Role.OPERATOR, None) for name, full in OPERATORS]
    for agency in agencies.values():
        if agency.code not in staffed and agency.kind != "centre":
            short = agency.short or agency.name
            staff.append((f"cb-{agency.code}", f"Cán bộ {short} (demo)", Role.OFFICER, agency))
            staff.append((f"ld-{agency.code}", f"Lãnh đạo {short} (demo)", Role.LEAD, agency))
    if missing := [row for row in staff if row[0] not in existing]:
        password = make_password(PASSWORD)  # once: hashing is made to be slow
        User.objects.bulk_create(
            User(username=name, full_name=full, role=role, agency=agency, password=password, demo=True)
            for name, full, role, agency in missing
        )
    boxes = set(Inbox.objects.values_list("name", flat=True))
    for name, label, config in INBOXES:
        if name not in boxes:
            make_inbox(name, name, label=label, secrets=SECRETS.get(name), **config)
    if directory.text("consent") is None:
        vietnamese, english = kit.consent(names())
        write_text("consent", vietnamese, body_en=english, by=SYSTEM)
    _keys()


def _keys() -> None:
    if accounts.key("demo-open311", Key.Use.OPEN311) is None:
        issue_key(Key.Use.OPEN311, "Open311 (demo)", by=SYSTEM, secret="demo-open311")  # noqa: S106
    if accounts.key("demo-cti", Key.Use.CTI) is None:
        issue_key(Key.Use.CTI, "CTI (demo)", by=SYSTEM, secret="demo-cti")  # noqa: S106
    for user in User.objects.filter(username__in=[name for name, *_ in STAFF]):
        secret = f"demo-api-{user.username}"
        if accounts.key(secret, Key.Use.API) is None:
            issue_key(Key.Use.API, f"API {user.username} (demo)", by=SYSTEM, user=user, secret=secret)
