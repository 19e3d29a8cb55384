"""The register of artificial intelligence: every helper of the product that proposes, finds, writes or hides something
by itself, for what, on what, and who decides (law 134/2025). Pure; texts are English sources, translated by pages.

A helper that can be turned off is an option of the province of the name `helper_<key>`; who works by it asks
`directory.queries.is_helping(key)` and, where it is off, shows nothing in its place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import NamedTuple


class Risk(StrEnum):
    """The class that the product proposes; whoever runs the hotline decides it."""

    LOW = "low"
    MEDIUM = "medium"


class Use(NamedTuple):
    """What became of a helper's proposals in a time: how many there were, how many people took as they were, how many
    they took and changed, and how many they left."""

    proposals: int
    as_is: int
    edited: int
    unused: int


@dataclass(frozen=True, kw_only=True)
class Helper:
    """One helper. `reason` is of its class, `place` where it runs, `decides` who does, `public` what citizens read of
    it. `setting`: the setting without which it is not there (CAUNOI_…); `fixed`: why it cannot be turned off."""

    key: str
    label: str
    purpose: str
    supplier: str
    reads: str
    gives: str
    risk: Risk
    reason: str
    place: str
    decides: str
    public: str
    setting: str = ""
    fixed: str = ""

    @property
    def switch(self) -> str:
        """The option that turns it on and off; empty for one that stays on."""
        return "" if self.fixed else f"helper_{self.key}"


OURS = "Cầu Nối, open source; no other company"
ELSEWHERE = "Whoever runs the server that the administrators have named"
HERE = "On the hotline's own machines; nothing leaves them"
THERE = "On the server that the administrators have named; people's data is masked before it goes there"
MESSAGE = "The words of a report"
PROPOSES = "It proposes, and a member of the staff decides each time"
RULES = "It follows written rules and does not learn"
OPERATOR, REVIEWER, CITIZEN = "The operator", "The reviewer", "Whoever asks"

HELPERS: Mapping[str, Helper] = {
    one.key: one
    for one in (
        Helper(
            key="triage",
            label="Proposals for a report",
            purpose="So that a report gets its category, kind and urgency sooner, and danger is seen",
            supplier=OURS,
            reads=MESSAGE,
            gives="Kind, category, urgency and what goes before all else, each with a probability and the words that "
            "weighed",
            risk=Risk.LOW,
            reason=PROPOSES,
            place=HERE,
            decides=OPERATOR,
            public="When a report comes in, a machine proposes to the operator what it is about and how urgent it is.",
        ),
        Helper(
            key="commune",
            label="Commune from a sentence",
            purpose="So that a report goes to the right place without a question back",
            supplier=OURS,
            reads=MESSAGE,
            gives="The commune that it names, with a probability",
            risk=Risk.LOW,
            reason=PROPOSES,
            place=HERE,
            decides=OPERATOR,
            public="A machine reads from your words in which commune it is.",
        ),
        Helper(
            key="alike",
            label="Reports of the same thing",
            purpose="So that one trouble is one ticket, and nobody works twice",
            supplier=OURS,
            reads="The words, category, place and time of open tickets",
            gives="The tickets that are most alike, with a probability",
            risk=Risk.LOW,
            reason="It proposes; nothing is joined by itself",
            place=HERE,
            decides=OPERATOR,
            public="A machine shows the operator, and you while you write, reports of others that may be about the "
            "same thing. You see only what is published.",
        ),
        Helper(
            key="emergencies",
            label="Words of danger",
            purpose="So that somebody in danger calls the right number at once",
            supplier=OURS,
            reads=MESSAGE,
            gives="The number to call, beside what is typed",
            risk=Risk.LOW,
            reason=RULES,
            place=HERE,
            decides="Whoever writes: nothing is called or sent by itself",
            public="While you write, a machine watches for words of danger and shows you whom to call.",
            fixed="It protects lives",
        ),
        Helper(
            key="confidence",
            label="Reports that belong into confidence",
            purpose="So that a denunciation or a child's trouble is read only by those who may",
            supplier=OURS,
            reads=MESSAGE,
            gives="Whether a report is kept from the staff until a custodian has read it",
            risk=Risk.LOW,
            reason=RULES,
            place=HERE,
            decides="The custodian",
            public="Reports whose words speak of a denunciation or of violence against a child are kept for those who "
            "may read them.",
            fixed="It protects those who report",
        ),
        Helper(
            key="procedures",
            label="Search of procedures",
            purpose="So that a question in everyday words finds its procedure",
            supplier=OURS,
            reads="What somebody asks, without who they are",
            gives="Procedures, with why each fits, or that none does",
            risk=Risk.LOW,
            reason=RULES,
            place=HERE,
            decides=CITIZEN,
            public="When you search for a procedure, a machine corrects typing errors and understands everyday words.",
            fixed="Without it no procedure is found",
        ),
        Helper(
            key="meaning",
            label="Search of procedures by meaning",
            purpose="So that a question finds its procedure also by words that it does not have",
            supplier="An open model that the administrators install; no other company",
            reads="What somebody asks, without who they are",
            gives="The order of the procedures that are found",
            risk=Risk.LOW,
            reason="It orders public texts",
            place=HERE,
            decides=CITIZEN,
            public="When you search for a procedure, a machine also compares what your words mean.",
            setting="SEARCH_MEANING",
            fixed="It is turned on and off where the product is installed (CAUNOI_SEARCH_MEANING)",
        ),
        Helper(
            key="answer_draft",
            label="First answers from procedures",
            purpose="So that a question about a procedure is answered sooner",
            supplier=ELSEWHERE,
            reads="The question, masked, and the fields of the procedures that were found",
            gives="Sentences, each with the fields that it rests on; what they do not support is left out",
            risk=Risk.MEDIUM,
            reason="Words of it may reach a citizen: they are checked, sent by a person, and marked",
            place=THERE,
            decides=OPERATOR,
            public="For a question about a procedure a machine may draft the answer. An officer reads it, changes it "
            "and sends it; the answer then says so.",
            setting="ASSIST_URL",
        ),
        Helper(
            key="summary",
            label="Summaries of long tickets",
            purpose="So that whoever takes over a long ticket understands it sooner",
            supplier=ELSEWHERE,
            reads="What the asking person may read on the ticket's page, masked; nothing of what is confidential",
            gives="Lines, each with the entries that it rests on; what they do not support is left out",
            risk=Risk.LOW,
            reason="Only the staff reads it, beside its sources, and it is not kept",
            place=THERE,
            decides=OPERATOR,
            public="Of a long ticket a machine may write a summary for the officer who works on it. Names and numbers "
            "are masked before.",
            setting="ASSIST_URL",
        ),
        Helper(
            key="transcripts",
            label="Transcripts of calls",
            purpose="So that a reviewer finds a place in a recorded call",
            supplier=ELSEWHERE,
            reads="The recording of one call, when a reviewer presses the button",
            gives="Its words, marked as a machine's hearing",
            risk=Risk.LOW,
            reason="It is read by those who score quality, beside the recording",
            place="On the server that the administrators have named; the recording goes there as it is",
            decides=REVIEWER,
            public="A machine may write down a recorded call for those who check how well you were served.",
            setting="SPEECH_URL",
        ),
        Helper(
            key="redaction",
            label="Masks over people's data",
            purpose="So that nothing is published with names, numbers or doors in it",
            supplier=OURS,
            reads="The words of reports and answers before they are published or sent to a server",
            gives="Masks, which a reviewer can change",
            risk=Risk.LOW,
            reason=RULES,
            place=HERE,
            decides=REVIEWER,
            public="Before anything is published, a machine hides names, telephone numbers and addresses; a person "
            "looks at it.",
            fixed="It protects people's data",
        ),
        Helper(
            key="ratings",
            label="Ratings that may be the staff's own",
            purpose="So that satisfaction is what citizens say",
            supplier=OURS,
            reads="From which browser and place a rating came, as unreadable marks, and when",
            gives="Whether a rating waits until somebody has looked at it",
            risk=Risk.LOW,
            reason=RULES,
            place=HERE,
            decides=REVIEWER,
            public="Ratings that may come from the staff themselves are set aside by a machine until somebody has "
            "looked at them.",
            fixed="It protects the figures",
        ),
    )
}
"""The one declaration: page, public page, files, options and tests are made of it."""

RISKS = {Risk.LOW: "Low risk", Risk.MEDIUM: "Medium risk"}


def texts() -> Iterator[str]:
    """The English sources, for translation."""
    names = {"key", "risk", "setting"}
    fields = [name for name in Helper.__dataclass_fields__ if name not in names]
    for one in HELPERS.values():
        values = dict(zip(Helper.__dataclass_fields__, astuple(one), strict=True))
        yield from (values[name] for name in fields if values[name])
    yield from RISKS.values()
