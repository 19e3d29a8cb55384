"""What a message is, and which agency it is for: proposals, of which nothing is done before a person takes them."""

from dataclasses import replace

from caunoi.routing.rules import propose
from caunoi.tickets.models import Ticket
from caunoi.triage import queries as triage
from caunoi.triage.proposals import Certainty, Proposal
from caunoi.triage.queries import Understanding


def understand(text: str) -> Understanding:
    """As triage has it, with `agency`: whom the rules name for the field and the commune that are proposed, no surer
    than these are."""
    understanding = triage.understand(text)
    agency = Proposal()
    if understanding.category and not understanding.is_gated:
        rules = propose(Ticket(category=understanding.category, area=understanding.area, text=text))
        if rules:
            needs = [understanding.matters["category"]]
            if {"area"} & {*rules[0].because}:
                needs.append(understanding.matters["area_code"])
            certainty = Certainty.SURE if all(one.sure for one in needs) else Certainty.PERHAPS
            p = round(min(one.p for one in needs), 3)
            agency = Proposal(value=rules[0].agency.code, p=p, certainty=certainty)
    return replace(understanding, matters={**understanding.matters, "agency": agency})
