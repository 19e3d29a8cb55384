"""Everything that is kept about a person, as one file: readable by them, and by programs."""

import json
import secrets
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from tempfile import TemporaryFile
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.timezone import localtime, now
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from caunoi.privacy import queries
from caunoi.privacy.models import DataRequest
from caunoi.privacy.queries import Subject

FOLDER = "privacy"  # of these files in our storage
LABELS = {
    "contacts": _("Who you are, as we know you"),
    "consents_withdrawn": _("Consents that you withdrew"),
    "tickets": _("Your tickets"),
    "messages": _("What you wrote to us, and what we wrote to you"),
    "notices": _("Notices that were sent to you"),
    "calls": _("Calls"),
    "callbacks": _("Calls that we owed you"),
    "follows": _("Tickets of others that you follow"),
    "requests": _("What you asked about your data"),
    "made": _("Made"),
    "name": _("Name"),
    "phone": _("Phone number"),
    "phone_verified": _("Number confirmed"),
    "email": _("E-mail"),
    "address": _("Address"),
    "consent_version": _("Version of the consent text"),
    "code": _("Code"),
    "state": _("State"),
    "kind": _("Kind"),
    "channel": _("Channel"),
    "text": _("Text"),
    "summary": _("Summary"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "category": _("Category"),
    "area": _("Commune"),
    "received": _("Received"),
    "answered": _("Answered"),
    "closed": _("Closed"),
    "notes": _("What was written on it"),
    "answers": _("Answers"),
    "agencies": _("Agencies that had it"),
    "agency": _("Agency"),
    "agency__name": _("Agency"),
    "since": _("Since"),
    "until": _("Until"),
    "ratings": _("Your ratings"),
    "grade": _("Grade"),
    "reasons": _("Reasons"),
    "comment": _("Comment"),
    "identity_opened": _("Who looked at who you are"),
    "browsers_notified": _("Browsers that are notified"),
    "at": _("When"),
    "inbound": _("From you"),
    "quoted": _("Quoted"),
    "subject_line": _("Subject"),
    "removed": _("Taken back"),
    "inbox__channel": _("Channel"),
    "began": _("Began"),
    "direction": _("Direction"),
    "waited": _("Seconds waited"),
    "talked": _("Seconds talked"),
    "outcome": _("Outcome"),
    "asked": _("Since"),
    "reason": _("Reason"),
    "ended": _("Ended"),
    "publication__ticket__code": _("Code"),
    "version": _("Version"),
}
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "dl{margin:0 0 1rem;padding:0 0 0 1rem;border-left:3px solid #cbd5e1}dt{color:#475569}dd{margin:0 0 .5rem}"
    "dd,p{white-space:pre-wrap;overflow-wrap:anywhere}"
)


def pack(person: Subject) -> str:
    """Write the file into our storage under a name that nobody can guess; the name."""
    data, files = queries.everything(person), queries.files_of(person)
    with TemporaryFile() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
            archive.writestr("index.html", page(data, [name for name, _stored in files]))
            for name, stored in files:
                if default_storage.exists(stored):
                    with default_storage.open(stored) as file:
                        archive.writestr(name, file.read())
        target.seek(0)
        return default_storage.save(f"{FOLDER}/{secrets.token_urlsafe(16)}.zip", File(target))


def drop_strays() -> int:
    """Delete the files that no request names, a day after they were written: who wrote or dropped them was killed in
    between. How many."""
    try:
        files = [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
    except FileNotFoundError:
        return 0
    own = set(DataRequest.objects.filter(package__in=files).values_list("package", flat=True))
    before = now() - timedelta(days=1)
    strays = [name for name in files if name not in own and default_storage.get_modified_time(name) < before]
    for name in strays:
        default_storage.delete(name)
    return len(strays)


def page(data: Mapping[str, Any], files: Sequence[str]) -> str:
    """The same as a page, in Vietnamese."""
    with override("vi"):
        title = gettext("Everything that is kept about you")
        parts = [f"<h2>{escape(_label(key))}</h2>{_html(value)}" for key, value in data.items()]
        links = "".join(f'<li><a href="{escape(name)}">{escape(name)}</a></li>' for name in files)
        if links:
            parts.append(f"<h2>{escape(gettext('Pictures and recordings'))}</h2><ul>{links}</ul>")
    return (
        f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"<h1>{escape(title)}</h1>{''.join(parts)}</html>"
    )


def _label(key: str) -> str:
    return gettext(LABELS[key]) if key in LABELS else key


def _html(value: Any) -> str:
    if isinstance(value, Mapping):
        rows = [(key, one) for key, one in value.items() if one not in (None, "", [], {})]
        return f"<dl>{''.join(f'<dt>{escape(_label(k))}</dt><dd>{_html(v)}</dd>' for k, v in rows)}</dl>"
    if isinstance(value, list):
        return "".join(_html(one) for one in value) or f"<p>{escape(gettext('Nothing.'))}</p>"
    if isinstance(value, bool):
        return escape(gettext("Yes") if value else gettext("No"))
    if isinstance(value, datetime):
        return f"{localtime(value):%d/%m/%Y %H:%M}"
    return f"<p>{escape(str(value))}</p>"
