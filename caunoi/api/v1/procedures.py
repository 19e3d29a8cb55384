"""Administrative procedures, found in the citizen's words."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from caunoi.api.v1.inputs import Line, Words
from caunoi.jobs import replica
from caunoi.procedures import actions, queries
from caunoi.procedures.models import Question
from caunoi.procedures.queries import ProcedureHit

router = Router(tags=["procedures"])


class ProcedureQuery(Schema):
    """What is looked for, in anybody's words, and what it is narrowed by."""

    q: Words = Field("", description="a question, a name, or a code such as 1.000894")
    field: Line = ""
    level: Literal["", "commune", "province", "ministry", "other"] = ""
    audience: Line = ""
    agency: Line = Field("", description="a part of the name of an agency that handles it")
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


@router.get("", url_name="procedures", response=Items)
def index(request: HttpRequest, query: Query[ProcedureQuery]) -> dict[str, Any]:
    """The procedures in force that answer a question, best first; no items when nothing fits. Searches are written down
    without who asked."""
    narrowed = {name: getattr(query, name) for name in ("field", "level", "audience", "agency")}
    hits = queries.search(query.q, limit=query.limit, **narrowed) if query.q.strip() else ()
    if query.q.strip():
        codes = [hit.procedure.code for hit in hits]
        score = hits[0].score if hits else 0
        replica.note(
            lambda: actions.record_question(query.q, codes, asker=Question.Asker.STAFF, place="api", score=score),
            otherwise=None,
        )
    return _items(hits)


@router.get("/suggestions", url_name="procedure-suggestions", response=Items)
def suggestions(request: HttpRequest, beginning: Query[Beginning]) -> dict[str, Any]:
    """What an unfinished text may be going to; not written down."""
    return _items(queries.suggest(beginning.q, limit=beginning.limit))
