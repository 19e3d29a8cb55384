"""Texts of scorecards, and cases as lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _

from caunoi.conversations.queries.channels import channel_name
from caunoi.directory.queries import every_name
from caunoi.quality import queries
from caunoi.quality.models import Case, Remark
from caunoi.quality.scoring import Criterion
from caunoi.web.templatetags.caunoi_ui import ticketcode, vnfull

CRITERIA = {
    "understood": gettext_noop("The question was understood, and nothing asked was left out"),
    "right": gettext_noop("What was said is right, and rests on the right procedure"),
    "clear": gettext_noop("Short, in plain words, with what to do next"),
    "polite": gettext_noop("Polite and patient"),
    "sorted": gettext_noop("Category, commune, urgency and agency were set correctly"),
    "prompt": gettext_noop("Answered or passed on without needless waiting"),
    "discreet": gettext_noop("Nobody's personal data were given away"),
}
LEVELS = (
    ("2", gettext_noop("Met")),
    ("1", gettext_noop("Partly")),
    ("0", gettext_noop("Not met")),
    ("na", gettext_noop("Does not apply")),
)
LEVEL = {2: LEVELS[0][1], 1: LEVELS[1][1], 0: LEVELS[2][1], None: LEVELS[3][1]}


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """A case in a list: whose answer it is (`who`), how many have scored it of those it `needs`, and where it is
    settled, what came of the answer (reopened | wrong)."""

    case: Case
    code: str
    title: str
    who: str
    channel: str
    field: str
    done: int
    needs: int
    outcome: set[str]
    reply: Remark | None


@dataclass(frozen=True)
class RemarkLine:
    """What somebody wrote about a case or to an operator; `who` is its writer, or whom it is about."""

    row: Remark
    who: str


def criterion_name(criterion: Criterion) -> str:
    """A criterion in the reader's language: the province's own words, or the product's."""
    own = (criterion.text_en if get_language() == "en" else "") or criterion.text
    return own or _(CRITERIA.get(criterion.key, criterion.key))


def written(criterion: Criterion) -> Criterion:
    """A criterion with its words in both languages, as one writes it."""
    if criterion.text or criterion.key not in CRITERIA:
        return criterion
    with override("vi"):
        return replace(criterion, text=_(CRITERIA[criterion.key]), text_en=CRITERIA[criterion.key])


def shipped(criterion: Criterion) -> Criterion:
    """A criterion as it is kept: one that says what the product's own does has no words."""
    own = written(replace(criterion, text="", text_en=""))
    same = criterion.key in CRITERIA and criterion.text == own.text and criterion.text_en in ("", own.text_en)
    return replace(criterion, text="", text_en="") if same else criterion


def title(case: Case) -> str:
    """A case by its ticket's code, or when the call was."""
    return ticketcode(case.ticket.code) if case.ticket else vnfull(case.answered)


def lines(cases: Iterable[Case], names: Mapping[str, str]) -> list[CaseLine]:
    rows = list(cases)
    bad = queries.outcomes([row for row in rows if row.settled])
    categories, english = every_name()["category"], get_language() == "en"
    fields = {code: (english and name_en) or name for code, (name, name_en) in categories.items()}
    return [
        CaseLine(
            case=row,
            code=row.ticket.code if row.ticket else "",
            title=title(row),
            who=names.get(row.operator, row.operator),
            channel=_("Call without a ticket") if row.call_id else channel_name(row.channel),
            field=fields.get(row.field, row.field),
            done=len(queries.finished(row)),
            needs=row.needs,
            outcome=bad.get(row.pk, set()),
            reply=next((r for r in row.remarks.all() if r.kind == "reply"), None),
        )
        for row in rows
    ]
