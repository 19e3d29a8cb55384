"""What a message is proposed to be. Nothing is kept of it."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from caunoi.api.v1.inputs import ChannelKey, Words
from caunoi.routing.understanding import understand
from caunoi.triage.words import as_json

router = Router(tags=["triage"])


class Message(Schema):
    """A message as it came in."""

    text: Words
    channel: ChannelKey | None = None


class OneProposal(Schema):
    """`value`: a code, null for nothing; `p`: the probability that a person will agree; `sure`: above the limit that
    the hotline set."""

    value: str | None
    p: float = Field(ge=0, le=1)
    sure: bool


class Proposals(Schema):
    """`why`: for each matter the words of the message that weighed."""

    kind: OneProposal
    category: OneProposal
    urgency: OneProposal
    gate: OneProposal
    area_code: OneProposal
    agency: OneProposal
    danger: OneProposal
    person: OneProposal
    unnamed: OneProposal
    why: dict[str, list[str]]


@router.post("", url_name="triage", response=Proposals)
def read(request: HttpRequest, message: Message) -> dict[str, Any]:
    """Kind, category, urgency, gate, commune, agency and three flags of a message, as proposals. The gate goes before
    all else: none complaint denunciation emergency_113 emergency_114 emergency_115 rescue_112 child_111 out_of_area
    spam unclear."""
    return as_json(understand(message.text).matters)
