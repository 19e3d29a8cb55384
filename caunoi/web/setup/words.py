"""The words of setup: what events, fields and values are called. English sources."""

from django.utils.translation import gettext_noop as _

from caunoi.web.context import ROLES
from caunoi.web.labels import CHANNEL, CLOCK, KIND, URGENCY

SUBJECTS = {
    "option": _("Numbers and names"), "text": _("Texts"), "category": _("Fields"), "target": _("Deadlines"),
    "rule": _("Who is competent"), "rung": _("Who is told when it is late"),
    "calendar": _("Calendars"), "day": _("Special days"), "outage": _("Planned outages"), "agency": _("Agencies"),
    "user": _("People"), "key": _("Keys"), "inbox": _("Inboxes"), "batch": _("Spreadsheets"), "synonym": _("Synonyms"),
    "form": _("Forms of reports"), "register": _("Numbers of reports"), "alert": _("Alerts"),
    "act": _("Reorganisations"),
}  # fmt: skip
# What was done, and the icon.
EVENTS = {
    "option.set": (_("Number or name changed"), "settings"),
    "text.write": (_("New version of a text"), "file-text"),
    "category.add": (_("Field added"), "plus"),
    "category.edit": (_("Field changed"), "pencil"),
    "category.retire": (_("Field retired"), "archive"),
    "category.restore": (_("Field put in force again"), "rotate-ccw"),
    "agency.add": (_("Agency added"), "plus"),
    "agency.edit": (_("Agency changed"), "pencil"),
    "agency.retire": (_("Agency retired"), "archive"),
    "agency.restore": (_("Agency put in force again"), "rotate-ccw"),
    "target.add": (_("Deadline added"), "plus"),
    "target.change": (_("Deadline changed"), "pencil"),
    "target.retire": (_("Deadline retired"), "archive"),
    "target.restore": (_("Deadline put in force again"), "rotate-ccw"),
    "rule.add": (_("Rule added"), "plus"),
    "rule.edit": (_("Rule changed"), "pencil"),
    "rule.retire": (_("Rule retired"), "archive"),
    "rule.restore": (_("Rule put in force again"), "rotate-ccw"),
    "calendar.add": (_("Calendar added"), "plus"),
    "calendar.edit": (_("Calendar changed"), "pencil"),
    "day.set": (_("Special day set"), "calendar"),
    "day.remove": (_("Special day removed"), "trash-2"),
    "outage.announce": (_("Outage announced"), "plus"),
    "outage.edit": (_("Outage corrected"), "pencil"),
    "outage.cancel": (_("Outage called off"), "x"),
    "outage.restore": (_("Outage announced again"), "rotate-ccw"),
    "person.add": (_("Person added"), "plus"),
    "person.edit": (_("Person changed"), "pencil"),
    "person.deactivate": (_("Account closed"), "lock"),
    "person.activate": (_("Account opened again"), "unlock"),
    "person.hand_password": (_("One-time password handed out"), "lock"),
    "person.password": (_("Chose a password of their own"), "lock"),
    "agency.remove": (_("Agency taken back"), "undo-2"),
    "person.remove": (_("Account taken back: it was never used"), "undo-2"),
    "person.invite": (_("Invited"), "link"),
    "person.rescue": (_("Password taken away at the command line, to choose a new one"), "lock"),
    "import.apply": (_("Spreadsheet brought in"), "upload"),
    "import.undo": (_("Spreadsheet taken back"), "undo-2"),
    "synonym.add": (_("Synonym added"), "plus"),
    "synonym.edit": (_("Synonym changed"), "pencil"),
    "rung.add": (_("Rung added"), "plus"),
    "rung.remove": (_("Rung removed"), "trash-2"),
    "person.follow": (_("Moved along by a reorganisation"), "landmark"),
    "agency.begin": (_("Began by a reorganisation"), "landmark"),
    "agency.rename": (_("Renamed by a reorganisation"), "landmark"),
    "agency.end": (_("Ended by a reorganisation"), "landmark"),
    "act.draft": (_("Reorganisation drafted"), "landmark"),
    "act.edit": (_("Reorganisation changed"), "pencil"),
    "act.choose": (_("Decisions on a reorganisation"), "check"),
    "act.schedule": (_("Reorganisation scheduled"), "calendar-clock"),
    "act.unschedule": (_("Reorganisation taken back"), "undo-2"),
    "act.drop": (_("Draft of a reorganisation deleted"), "trash-2"),
    "act.carry_out": (_("Reorganisation carried out"), "circle-check"),
    "person.deputy": (_("Deputy named"), "user-check"),
    "person.deputy_end": (_("Deputy's time ended"), "rotate-ccw"),
    "alert.add": (_("Alert added"), "plus"),
    "alert.edit": (_("Alert changed"), "pencil"),
    "alert.off": (_("Alert switched off"), "ban"),
    "alert.on": (_("Alert switched on"), "play"),
    "form.write": (_("New version of a form"), "file-text"),
    "register.begin": (_("Next number of a series set"), "pencil"),
    "key.issue": (_("Key issued"), "plus"),
    "key.revoke": (_("Key revoked"), "ban"),
    "inbox.add": (_("Inbox added"), "plus"),
    "inbox.edit": (_("Inbox changed"), "pencil"),
    "inbox.on": (_("Inbox switched on"), "play"),
    "inbox.off": (_("Inbox switched off"), "ban"),
    "inbox.try": (_("Test message sent"), "send"),
    "inbox.read_again": (_("What could not be read is read again"), "rotate-ccw"),
    "inbox.trouble": (_("A channel does not work"), "triangle-alert"),
    "inbox.well": (_("A channel works again"), "circle-check"),
}
FIELDS = {
    "next": _("Next number"),
    "meaning": _("What the procedures call it"), "active": _("Counts"),
    "name": _("Name in Vietnamese"), "name_en": _("Name in English"), "description": _("Description in Vietnamese"),
    "description_en": _("Description in English"), "group": _("Group"), "group_en": _("Group in English"),
    "kind": _("Kind"), "urgency": _("Urgency"), "publish": _("Publication"), "needs_contact": _("Needs a contact"),
    "icon": _("Icon"), "order": _("Order"), "valid_to": _("In force until"), "short": _("Short name"),
    "phone": _("Phone number"), "email": _("E-mail"), "address": _("Address"), "calendar": _("Calendar"),
    "parent": _("Belongs to"), "area": _("Commune"), "days": _("Working days"), "minutes": _("Working time"),
    "category": _("Field"), "agency": _("Agency"), "of_area": _("Agency of the commune"), "since_hour": _("From hour"),
    "until_hour": _("Until hour"), "note": _("Note"), "sessions": _("Hours"), "role": _("Role"),
    "label": _("What it is called"), "config": _("Settings"), "secrets": _("Secrets"), "full_name": _("Full name"),
    "extension": _("Extension of the desk phone"), "is_active": _("May sign in"), "works": _("Is worked"), "date": _("Date"),
    "words": _("Words"), "place": _("Place as the public sees it"),
    "measure": _("What is watched"), "each": _("Each by itself"), "above": _("So much or more"), "threshold": _("How much"),
    "window_minutes": _("Counted over the last (minutes)"), "roles": _("Who is told"), "mail": _("By e-mail too"),
    "again_minutes": _("Reminded every (minutes)"), "quiet_since": _("Quiet from"), "quiet_until": _("Quiet until"),
    "alert.name": _("What it is called"), "superior": _("Superior office"), "issuer": _("Who issues it"), "series": _("Series of numbers"),
    "form.place": _("Place before the date"), "about": _("Subject"), "body": _("Text of the report"),
    "recipients": _("Recipients"), "signs": _("Signs as"), "signer": _("Who signs"),
}  # fmt: skip
PUBLISH = {"at_once": _("At once"), "review": _("After a look"), "never": _("Never")}
PUBLISH_WHY = {
    "at_once": _("The masked text appears on the public pages as soon as the ticket is accepted."),
    "review": _("A reviewer looks at the masked text first; until then the public sees nothing."),
    "never": _("Only the citizen and the staff see it. It counts in the figures."),
}
PLACE = {"street": _("The street, roughly"), "exact": _("The very place")}
PLACE_WHY = {
    "street": _("Without the number of the house, and the pin moved to a grid of about 110 m."),
    "exact": _(
        "For lamps, roads and the like. Where somebody's name or house stands in the text it is the street all the same."
    ),
}
AGENCY_KINDS = {
    "centre": _("The hotline itself"), "department": _("Department"), "utility": _("Utility"),
    "commune": _("Commune's committee"), "police": _("Police force"), "other": _("Other agency"),
}  # fmt: skip
OF_AREA = {"commune": _("The committee of the ticket's commune"), "police": _("The police of the ticket's commune")}
USES = {
    "open311": _("Open311: an app posts reports for citizens"),
    "api": _("API: a program acts as a person"),
    "cti": _("CTI: a telephone exchange tells of its calls"),
}
GROUPS = {
    "hotline": _("The hotline"), "citizens": _("What citizens may do"), "work": _("How the work is watched"),
    "limits": _("Limits"), "publication": _("What is published"),
}  # fmt: skip
UNITS = {
    "days": _("%(count)s days"), "hops": _("%(count)s times"), "characters": _("%(count)s characters"),
    "photos": _("%(count)s photos"), "reports": _("%(count)s reports"), "ratings": _("%(count)s ratings"),
    "tickets": _("%(count)s tickets"), "day of the month": _("day %(count)s of the month"), "o'clock": _("%(count)s:00"),
    "minutes": _("%(count)s minutes"), "seconds": _("%(count)s seconds"), "%": "%(count)s%%", "MB": "%(count)s MB",
}  # fmt: skip
TEXTS = {
    "consent": _("What citizens agree to"),
    "ask_what": _("What we ask people who only greet us in a chat"),
}  # fmt: skip
WEEK = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
# How the codes in a field read.
VALUES = {
    "kind": KIND | AGENCY_KINDS, "urgency": URGENCY, "publish": PUBLISH, "place": PLACE, "of_area": OF_AREA, "role": ROLES, "clock": CLOCK,
    "channel": CHANNEL,
}  # fmt: skip
