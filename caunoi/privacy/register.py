"""The register of processing: what data of people lies where, what for, on what ground, how long, and how it goes.

Every column that can hold words is classed here, once: as a kind of personal data, as a user name of the staff, or as
none. tests/privacy/test_data_map.py walks the models and fails for one that is not. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

KINDS = {
    "name": "Names",
    "contact": "Phone numbers, e-mail and other addresses",
    "words": "What people wrote or said",
    "location": "Places of people",
    "voice": "Voices",
    "language": "Languages that people speak",
    "photo": "Photos",
    "raw": "What came in, as it came",
    "link": "Secret addresses of people's own pages",
    "staff": "User names and numbers of the staff",
}
SENSITIVE = frozenset({"location", "voice", "language"})
"""Kinds that are sensitive as such (Decree 356/2025, article 4.1): positions from phones (h), voices, by which a
person can be told (đ), and languages, which may tell an ethnic origin. What people write and photograph may hold any of
the others, from health to identity cards: that is seen to where it is published, not here."""
PURPOSES = {
    "handle": "To handle what people report and to answer them",
    "reach": "To tell people how their ticket stands",
    "publish": "To publish what was done, without the people",
    "prove": "To prove who did what and when",
    "learn": "To make the work better",
    "law": "To do what the law on personal data wants",
}
GROUNDS = {
    "duty": "The authority's duty (Decree 20/2008, Decree 224/2026)",
    "consent": "The person's consent",
    "law": "Law 91/2025",
}
READERS = {
    "centre": "The hotline's own staff",
    "agency": "The agencies that have the ticket, without the reporter",
    "reviewer": "Reviewers",
    "admin": "Administrators",
    "custodian": "Custodians, named by two people",
    "own": "The person alone",
    "system": "Nobody: programs only",
    "public": "Everybody",
}
TERMS = {
    "identities": "Until the term of “Who reported tickets that are over”",
    "receipts": "Until the term of “What came in raw”",
    "recordings": "Until the term of “Recordings of calls”",
    "transcripts": "Until the term of “Transcripts of calls”",
    "searches": "Until the term of “What people searched for”",
    "week": "A week",
    "month": "30 days",
    "always": "As long as the ticket",
    "use": "As long as it is used",
    "five": "Five years at least",
}
ERASURES = {
    "row": "The row is deleted",
    "blank": "The words are emptied",
    "strike": "The person is struck out, the rest stays",
    "none": "Nothing of citizens is in it",
    "custodian": "A custodian erases it once it is over",
}


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Personal data in one table; `columns` by kind (KINDS), the rest are codes of the tables above."""

    label: str
    columns: Mapping[str, str]
    purpose: str
    ground: str
    readers: str
    term: str
    erasure: str

    @property
    def kinds(self) -> list[str]:
        """The kinds of data in it, in the order of KINDS."""
        there = {*self.columns.values()}
        return [kind for kind in KINDS if kind in there]


def _columns(text: str) -> dict[str, str]:
    """`name:kind other:kind` as a mapping."""
    return dict(part.split(":") for part in text.split())


def _holding(label: str, columns: str, purpose: str, ground: str, readers: str, term: str, erasure: str) -> Holding:
    return Holding(
        label=label,
        columns=_columns(columns),
        purpose=purpose,
        ground=ground,
        readers=readers,
        term=term,
        erasure=erasure,
    )


HOLDINGS: Mapping[str, Holding] = {
    "accounts.user": _holding(
        "Accounts of the staff",
        "username:staff first_name:staff last_name:staff email:staff full_name:staff phone:staff extension:staff",
        "prove", "duty", "admin", "use", "none",
    ),
    "accounts.session": _holding(
        "Devices on which the staff signed in", "ending:staff device:staff address:staff method:staff",
        "prove", "duty", "admin", "use", "none",
    ),
    "accounts.passkey": _holding("Passkeys of the staff", "name:staff", "prove", "duty", "own", "use", "none"),
    "accounts.directorylink": _holding(
        "The staff in the province's directory", "issuer:staff sub:staff", "prove", "duty", "own", "use", "none"
    ),
    "tickets.device": _holding(
        "Browsers that opened a ticket", "digest:link network:link", "prove", "duty", "system", "month", "row"
    ),
    "drafts.draft": _holding(
        "What the staff typed and did not send", "fields:words", "handle", "duty", "centre", "week", "row"
    ),
    "files.attachment": _holding("Pictures", "name:photo", "handle", "duty", "agency", "always", "row"),
    "procedures.question": _holding(
        "Searches of procedures", "text:words folded:words", "learn", "duty", "reviewer", "searches", "row"
    ),
    "triage.edition": _holding(
        "What proposals learnt: single words, people hidden", "data:words", "learn", "duty", "system", "use", "none"
    ),
    "conversations.receipt": _holding(
        "What came in, raw", "external_id:raw raw:raw raw_plain:raw trouble:raw blob:raw blob_key:raw",
        "handle", "duty", "admin", "receipts", "blank",
    ),
    "conversations.contact": _holding(
        "People who wrote or called",
        "name:name phone:contact email:contact address:contact name_plain:name phone_plain:contact "
        "email_plain:contact address_plain:contact phone_index:contact email_index:contact words:name "
        "language:language",
        "handle", "duty", "centre", "identities", "blank",
    ),
    "conversations.contactnote": _holding(
        "What to know before one speaks with somebody", "text:words", "handle", "duty", "centre", "identities", "row"
    ),
    "conversations.conversation": _holding(
        "Threads",
        "address:contact address_plain:contact address_index:contact sender_index:contact thread:contact",
        "handle", "duty", "centre", "identities", "blank",
    ),
    "conversations.message": _holding(
        "Messages",
        "text:words external_id:raw refers:raw subject_line:words quoted:words latitude:location longitude:location",
        "handle", "duty", "centre", "identities", "blank",
    ),
    "conversations.wording": _holding(
        "Earlier wordings of messages", "text:words", "handle", "duty", "centre", "identities", "row"
    ),
    "conversations.enclosure": _holding(
        "What was sent with messages", "name:words url:raw trouble:raw", "handle", "duty", "centre", "identities", "row"
    ),
    "conversations.outgoing": _holding(
        "Messages that we send",
        "address:contact address_plain:contact address_index:contact "
        "text:words text_plain:words title:words values:words values_plain:words files:words "
        "external_id:raw trouble:raw",
        "reach", "duty", "centre", "identities", "blank",
    ),
    "conversations.callback": _holding(
        "People to call",
        "phone:contact phone_plain:contact phone_index:contact phone_end:contact text:words outcome:words",
        "reach", "duty", "centre", "identities", "blank",
    ),
    "conversations.draft": _holding(
        "Reports being written", "token:link data:words", "handle", "consent", "own", "week", "row"
    ),
    "calls.call": _holding(
        "Calls",
        "facts:contact caller:contact dialled:contact phone:contact transferred_to:contact recording:voice sound:voice "
        "facts_plain:contact caller_plain:contact dialled_plain:contact phone_plain:contact "
        "transferred_to_plain:contact recording_plain:voice phone_index:contact phone_end:contact",
        "handle", "duty", "centre", "recordings", "blank",
    ),
    "calls.browserphone": _holding(
        "Phones in the browser", "extension:staff", "handle", "duty", "system", "always", "none"
    ),
    "calls.callleg": _holding(
        "Phones that rang", "leg_id:contact operator:staff outside:contact",
        "prove", "duty", "centre", "always", "strike",
    ),
    "calls.dial": _holding(
        "Calls by a click",
        "number:contact number_plain:contact number_index:contact extension:staff trouble:contact",
        "handle", "duty", "centre", "always", "blank",
    ),
    "calls.callcommand": _holding(
        "What was done with calls",
        "number:contact trouble:contact label:staff",
        "handle", "duty", "centre", "always", "blank",
    ),
    "calls.callnote": _holding(
        "What came of calls", "line:words", "handle", "duty", "centre", "identities", "blank"
    ),
    "tickets.ticket": _holding(
        "Tickets",
        "follow:link follow_index:link follow_plain:link "
        "text:words summary:words address:location latitude:location longitude:location",
        "handle", "duty", "agency", "identities", "blank",
    ),
    "tickets.words": _holding(
        "Words of tickets, for searching", "vector:words", "handle", "duty", "system", "identities", "blank"
    ),
    "tickets.note": _holding(
        "Remarks and reasons on tickets", "text:words", "handle", "duty", "agency", "identities", "strike"
    ),
    "tickets.photo": _holding("Photos of tickets", "", "handle", "duty", "agency", "always", "row"),
    "transfers.transfer": _holding(
        "Tickets on the way to another province", "report:words receipt:link",
        "handle", "duty", "system", "always", "blank",
    ),
    "routing.handover": _holding(
        "Hand-overs", "note:words reason:words asked_reason:words refusal:words answer:words",
        "handle", "duty", "agency", "always", "strike",
    ),
    "routing.opening": _holding(
        "Openings of identities", "reason:words", "prove", "law", "admin", "always", "strike"
    ),
    "answers.answer": _holding("Answers", "text:words", "handle", "duty", "agency", "always", "strike"),
    "answers.machinedraft": _holding(
        "Marks of what a machine drafted", "marks:words", "learn", "duty", "system", "always", "blank"
    ),
    "publication.publication": _holding(
        "The public register", "title:words text:words answer:words place:location latitude:location "
        "longitude:location note:words",
        "publish", "duty", "public", "always", "blank",
    ),
    "publication.marking": _holding(
        "What reviewers masked", "fields:words", "publish", "duty", "reviewer", "always", "row"
    ),
    "publication.review": _holding(
        "Reviews", "words:words asked:words", "publish", "duty", "reviewer", "always", "blank"
    ),
    "publication.blur": _holding(
        "Photos painted over", "shapes:photo", "publish", "duty", "reviewer", "always", "row"
    ),
    "publication.entry": _holding(
        "The register's index", "vector:words latitude:location longitude:location",
        "publish", "duty", "public", "always", "blank",
    ),
    "publication.statement": _holding(
        "The public log", "said:words salt:words", "publish", "duty", "public", "always", "blank"
    ),
    "ratings.rating": _holding(
        "Ratings", "comment:words", "learn", "duty", "reviewer", "always", "blank"
    ),
    "directives.directive": _holding(
        "Leaders' orders", "text:words answer:words", "handle", "duty", "agency", "always", "strike"
    ),
    "notifications.subscription": _holding(
        "Browsers that are notified", "endpoint:contact endpoint_index:contact "
        "endpoint_plain:contact p256dh:contact auth:contact auth_plain:contact",
        "reach", "consent", "system", "use", "row",
    ),
    "notifications.staffbrowser": _holding(
        "Browsers of the staff that ring for emergencies",
        "endpoint:staff endpoint_index:staff p256dh:staff auth:staff",
        "reach", "consent", "own", "use", "none",
    ),
    "quality.score": _holding(
        "Scores of answers", "comment:words", "learn", "duty", "reviewer", "always", "strike"
    ),
    "quality.verdict": _holding(
        "Verdicts on scores", "reason:words", "learn", "duty", "reviewer", "always", "strike"
    ),
    "quality.remark": _holding(
        "Remarks on scores", "text:words decision:words", "learn", "duty", "reviewer", "always", "strike"
    ),
    "quality.transcript": _holding(
        "Transcripts of calls", "text:voice", "learn", "duty", "reviewer", "transcripts", "row"
    ),
    "followers.follower": _holding(
        "People who follow tickets", "token:link token_index:link token_plain:link email:contact "
        "proof:link proof_plain:link",
        "reach", "consent", "system", "use", "row",
    ),
    "confidential.case": _holding(
        "What is reported in confidence", "words:words follow:link follow_index:link",
        "handle", "duty", "custodian", "always", "custodian",
    ),
    "confidential.entry": _holding(
        "What is done and written in confidence", "text:words", "handle", "duty", "custodian", "always", "custodian"
    ),
    "confidential.file": _holding(
        "Files sent in confidence", "name:words data:photo", "handle", "duty", "custodian", "always", "custodian"
    ),
    "imports.batch": _holding(
        "Imported spreadsheets", "stored:raw plan:raw", "handle", "duty", "admin", "month", "blank"
    ),
    "imports.oddity": _holding(
        "Lines that were not imported", "text:raw suggest:raw cells:raw", "handle", "duty", "admin", "month", "blank"
    ),
    "privacy.datarequest": _holding(
        "Requests about personal data",
        "token:link key:link phones:contact marks:words name:name reach:contact text:words package:raw",
        "law", "law", "admin", "five", "blank",
    ),
}  # fmt: skip

STAFF = frozenset(
    "by operator read_by approved_by decided_by revoked_by undone_by acknowledged_by done_by scheduled_by issued_by "
    "reader ended_by told_by username signer verdict_by".split()
)
"""Columns with the user name of somebody of the staff, in whatever table."""

PLAIN: Mapping[str, frozenset[str]] = {
    model: frozenset(columns.split())
    for model, columns in {
        "jobs.periodictask": "task took error",
        "jobs.lease": "name holder host",
        "jobs.release": "version serves_from",
        "events.event": "kind subject by_kind data",
        "events.failure": "reaction error",
        "events.seal": "previous digest prints",
        "store.storedfile": "name digest",
        "vault.datakey": "wrapped master",
        "vault.sharedkey": "name text",
        "limits.tally": "key name",
        "directory.area": "code name kind sort folded latitude longitude area_km2 outline",
        "directory.calendar": "code name sessions",
        "directory.day": "note",
        "directory.agency": "code name name_en short phone email address sort",
        "directory.category": "code name name_en description description_en group group_en kind urgency icon",
        "directory.formername": "name name_en short",
        "directory.assurance": "requirement who document",
        "directory.outage": "channel reason reason_en excuse",
        "directory.text": "key body body_en",
        "directory.option": "name value",
        "accounts.user": "password",
        "accounts.wrongpassword": "source",
        "accounts.key": "label digest reason",
        "accounts.serviceaccount": "name role scopes addresses",
        "accounts.passkey": "credential public_key handle host",
        "accounts.codeapp": "secret pending",
        "accounts.recoverycode": "salt digest",
        "accounts.recovery": "browser nonce password way",
        "drafts.draft": "about form window",
        "drafts.sending": "once led_to",
        "files.attachment": "digest",
        "cells.plane": "key document signature trouble",
        "cells.planeedition": "note document signature raw trail",
        "procedures.import": "file_name raw digest kind plan oddities error trail",
        "procedures.procedure": "code name folded sort field levels audience agency source listed full_digest",
        "procedures.version": "decision content digest",
        "procedures.note": "text phone",
        "procedures.synonym": "word meaning note",
        "procedures.question": "place found score picked",
        "procedures.searchindex": "release stamp took body",
        "conversations.inbox": "name channel label config secrets secrets_plain cursor trouble",
        "conversations.enclosure": "kind content_type",
        "conversations.outgoing": "once template secret window",
        "conversations.callback": "reason subject",
        "conversations.joining": "proof",
        "conversations.draft": "browser",
        "confidential.custodian": "reason",
        "confidential.case": "code once channel",
        "confidential.file": "content_type",
        "calls.call": "call_id queue waited talked one_way sound_trouble",
        "calls.browserphone": "page digest trouble",
        "calls.callquality": "mark seconds lost jitter round_trip incoming outgoing",
        "calls.callleg": "rang talked",
        "calls.presence": "reason why",
        "calls.dial": "subject",
        "calls.callcommand": "leg_id",
        "calls.link": "reason queues places lag reached",
        "calls.gap": "reason places trouble endless",
        "calls.callresult": "code label label_en",
        "calls.voiceprompt": "name language text",
        "calls.promptversion": "spoken digest sound seconds",
        "calls.voicemenu": "code",
        "calls.skill": "code",
        "calls.voicechoice": "key target field label",
        "calls.waitnotice": "fields",
        "tickets.ticket": "code asked_from channel",
        "tickets.onetimecode": "browser nonce claim",
        "tickets.trace": "digest",
        "triage.alarm": "source gate number p",
        "tickets.note": "kind",
        "tickets.exchange": "sort",
        "tickets.suggestion": "why",
        "tickets.tally": "state",
        "transfers.transfer": "key cell province files digest trouble number",
        "transfers.arrival": "cell province key number digest trouble",
        "transfers.rejection": "why cell",
        "triage.edition": "base card",
        "triage.reading": "proposed decided",
        "triage.limit": "sure",
        "triage.figure": "matter channel value certainty",
        "answers.machinedraft": "refused",
        "routing.rule": "words of_area note",
        "routing.link": "nonce",
        "sla.target": "clock urgency kind calendar",
        "sla.deadline": "clock told",
        "sla.rung": "clock to",
        "sla.escalation": "clock rung to",
        "answers.template": "name text",
        "answers.citation": "said changed",
        "publication.square": "east north",
        "publication.witness": "name address key trouble",
        "publication.testimony": "root proof",
        "publication.foreignhead": "key root signature",
        "publication.successor": "before key leaf",
        "publication.statement": "code leaf",
        "publication.node": "hash",
        "publication.head": "root signature key",
        "ratings.draw": "seed",
        "ratings.rating": "reasons flags verdict_reason",
        "reorganisation.act": "number title units choices moved reason",
        "reorganisation.line": "kind what ends heirs",
        "notifications.notification": "notice audience recipient",
        "notifications.look": "also",
        "notifications.subscription": "language",
        "notifications.staffbrowser": "language",
        "quality.scorecard": "rows",
        "quality.sample": "seed",
        "quality.case": "channel field result",
        "quality.score": "points total",
        "quality.verdict": "points total",
        "quality.transcript": "model",
        "statistics.span": "place channel kind category area agency reason",
        "statistics.hold": "agency",
        "statistics.tally": "by key",
        "statistics.pair": "one key other other_key",
        "statistics.distribution": "what by key counts",
        "statistics.cursor": "gaps",
        "reports.form": "superior issuer series place name about body recipients signs",
        "reports.register": "series",
        "reports.report": "code figures summary body cases trouble series why",
        "reports.recall": "reason papers",
        "reports.digest": "figures",
        "reports.alert": "name measure each only threshold roles",
        "reports.firing": "groups",
        "reports.paper": "form name sha256",
        "opendata.edition": "folder files seconds",
        "imports.batch": "file_name digest mapping heading counts error",
        "imports.oddity": "problem field",
        "imports.imported": "source key digest",
        "privacy.datarequest": "contacts holders extension_reason reason progress",
        "privacy.hold": "reason",
        "privacy.term": "kind source",
        "privacy.breach": "title what cause kinds assessment measures authority authority_number late_reason letter "
        "lessons",
        "privacy.affected": "once",
    }.items()
}
"""Columns with nothing of a citizen: codes, settings, words about things."""


def is_classed(model: str, column: str) -> bool:
    """Whether somebody has decided what a column holds."""
    holding = HOLDINGS.get(model)
    personal = holding is not None and column in holding.columns
    return personal or column in STAFF or column in PLAIN.get(model, ())


def texts() -> Iterator[str]:
    """The English sources that stand in these tables, for translation."""
    for table in (KINDS, PURPOSES, GROUNDS, READERS, TERMS, ERASURES):
        yield from table.values()
    for holding in HOLDINGS.values():
        yield holding.label
