"""A search for procedures on a page, recorded for the reviewers."""

from django.http import HttpRequest

from caunoi.jobs import replica
from caunoi.procedures import actions, queries
from caunoi.procedures.models import Question
from caunoi.procedures.queries import ProcedureAnswer


def ask_procedures(
    request: HttpRequest,
    text: str,
    *,
    place: str,
    field: str = "",
    audience: str = "",
    level: str = "",
    which: str = "",
    size: int = 10,
) -> tuple[ProcedureAnswer, int]:
    """What answers `text`, with the doubt that there is, and the id of the recorded search; `place` names the page,
    `which` is the answer to a question back."""
    answer = queries.answer(text, field=field, audience=audience, level=level, which=which, limit=size)
    asker = Question.Asker.STAFF if request.user.is_authenticated else Question.Asker.CITIZEN
    codes, score = [hit.procedure.code for hit in answer.hits], answer.hits[0].score if answer.hits else 0
    question = replica.note(
        lambda: actions.record_question(text, codes, asker=asker, place=place, score=score).pk, otherwise=0
    )
    return answer, question
