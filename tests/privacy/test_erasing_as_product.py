"""An erasure as the product's own role in the database, which may not change evidence itself."""

from types import SimpleNamespace
from typing import Any

import psycopg
from django.utils.timezone import now

from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.models import Event
from caunoi.privacy import actions
from caunoi.privacy.actions.erasing import erase
from caunoi.privacy.clocks import RequestKind
from caunoi.publication.models import Review
from caunoi.ratings.models import Rating
from caunoi.routing.models import Opening
from tests.host.test_grants import as_product, product_role
from tests.privacy.test_erasing import NAME, WORDS, planted

__all__ = ["planted", "product_role"]


def test_an_erasure_needs_no_more_than_the_product_may(
    product_role: psycopg.Connection[Any],
    town: SimpleNamespace,
    planted: Any,
) -> None:
    Opening.objects.create(
        ticket=planted, user_id=town.minh.user_id, by="minh", reason=f"Gặp {NAME}", at=now(), until=now()
    )
    Rating.objects.create(ticket=planted, grade="satisfied", comment=WORDS, agency=town.works, round=0)
    Review.objects.create(
        publication=planted.publication, why="takedown", words=WORDS, asked=now(), since=now(), done=now()
    )
    with as_product():
        row = actions.ask(RequestKind.DELETE, via="link", by=citizen(), ticket=planted, proof="link")
        erase(row, by=SYSTEM)
    assert Rating.objects.get().comment == Opening.objects.get().reason == ""
    assert {review.words for review in Review.objects.all()} == {""}
    kinds = Event.objects.filter(kind="evidence.erase").values_list("subject", flat=True)
    assert {*kinds} >= {"rating", "review", "opening", "statement"}
