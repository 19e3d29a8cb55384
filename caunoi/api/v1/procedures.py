"""Administrative procedures, found in the citizen's words."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from caunoi.api.v1.inputs import Line, Words
from caunoi.jobs import replica
from caunoi.procedures import actions, queries
from caunoi.procedures.models import Question
from caunoi.procedures.queries import ProcedureAnswer, ProcedureHit

router = Router(tags=["procedures"])


class ProcedureQuery(Schema):
    """What is looked for, in anybody's words, and what it is narrowed by."""

    q: Words = Field("", description="a question, a name, or a code such as 1.000894")
    field: Line = ""
    level: Literal["", "commune", "province", "ministry", "other"] = ""
    audience: Line = ""
    agency: Line = Field("", description="a part of the name of an agency that handles it")
    which: Line = Field("", description="a choice's `which`: the answer to the question back")
    limit: int = Field(10, ge=1, le=50)


class Beginning(Schema):
    q: Line = ""
    limit: int = Field(8, ge=1, le=20)


class Item(Schema):
    """A procedure that answers; `score` 0 to 1, `why` in words."""

    code: str
    name: str
    version: int
    score: float
    why: str


class Items(Schema):
    items: list[Item]


class Choice(Schema):
    """An answer to the question back: `which` narrows the next search to it, or `code` is the one procedure."""

    label: str
    which: str
    code: str


class Answer(Items):
    """What answers. `certainty`: the chance that one of the first three is right, 0 to 1; where that is in doubt,
    `doubt` is one question back and `choices` its answers; where nothing fits, `matter` may be meant, which `office`
    sees to."""

    certainty: float = 0
    doubt: str = ""
    choices: list[Choice] = []
    matter: str = ""
    office: str = ""


def _items(hits: tuple[ProcedureHit, ...]) -> dict[str, Any]:
    return {
        "items": [
            {
                "code": hit.procedure.code,
                "name": hit.procedure.name,
                "score": round(hit.score, 4),
                "why": hit.why,
                "version": hit.procedure.current.number if hit.procedure.current else 0,
            }
            for hit in hits
        ]
    }


def _answer(answer: ProcedureAnswer) -> dict[str, Any]:
    return {
        **_items(answer.hits),
        "certainty": answer.certainty,
        "doubt": answer.doubt,
        "choices": [
            {"label": one.label, "which": one.which, "code": one.procedure.code if one.procedure else ""}
            for one in answer.choices
        ],
        "matter": answer.matter,
        "office": answer.office,
    }


@router.get("", url_name="procedures", response=Answer)
def index(request: HttpRequest, query: Query[ProcedureQuery]) -> dict[str, Any]:
    """The procedures in force that answer a question, best first; no items when nothing fits. Searches are written down
    without who asked."""
    if not query.q.strip():
        return _answer(ProcedureAnswer())
    narrowed = {name: getattr(query, name) for name in ("field", "level", "audience", "agency")}
    answer = queries.answer(query.q, limit=query.limit, which=query.which, **narrowed)
    codes, score = [hit.procedure.code for hit in answer.hits], answer.hits[0].score if answer.hits else 0
    replica.note(
        lambda: actions.record_question(query.q, codes, asker=Question.Asker.STAFF, place="api", score=score),
        otherwise=None,
    )
    return _answer(answer)


@router.get("/suggestions", url_name="procedure-suggestions", response=Items)
def suggestions(request: HttpRequest, beginning: Query[Beginning]) -> dict[str, Any]:
    """What an unfinished text may be going to; not written down."""
    return _items(queries.suggest(beginning.q, limit=beginning.limit))
