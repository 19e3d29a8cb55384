"""What the roles of the staff are called, on pages and by the doctor; pure."""

from django.utils.translation import gettext_noop

TITLES = {
    "operator": gettext_noop("Operator"),
    "supervisor": gettext_noop("Supervisor"),
    "officer": gettext_noop("Officer"),
    "lead": gettext_noop("Agency lead"),
    "reviewer": gettext_noop("Reviewer"),
    "leader": gettext_noop("Leader"),
    "admin": gettext_noop("Administrator"),
}
