"""Every address of the product, tried by everybody: a new one without a row in ACCESS, or a sample here, fails.

Proves: access table: every address × every role"""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from caunoi.publication import actions as publication
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.web.access import ACCESS, PUBLIC, TOKEN, allowed

PEOPLE = ("lan", "tam", "minh", "hoa", "thu", "phong", "quan")
# What stands in an address, by its parameter's name; a ticket's are added by the test.
SAMPLES = {
    "what": "people",  # of imports
    "move": "refuse",
    "form": "json",
    "name": "tickets",
    "size": "small",
    "rest": "nothing",
    "step": "where",
    "version": 1,
    "agency": "xncongtrinh",
    "area": "25195",
    "category": "lamps",
    "username": "lan",
    "pk": 1,
    "key": "consent",
    "kind": "report",
    "inbox": "web",
    "follow": "nothing",
    "number": 0,
    "act": "claim",
    "paper": "record",
    "pixels": 192,
    "script": "widget",
    "word": "nothing",
    "proof": "nothing",
    "once": "nothing",
    "call": 1,
    "requirement": "malware",
    "digest": "0" * 64,
    "language": "vi",
}


def addresses(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(view name with its namespaces, names of its parameters) of everything below a resolver."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from addresses(pattern, inner)
        else:
            assert isinstance(pattern, URLPattern)
            assert pattern.name, f"{pattern.pattern} has no name"
            named = tuple(pattern.pattern.regex.groupindex) or tuple(pattern.pattern.converters)
            yield ":".join((*spaces, pattern.name)), named


def namespaces(resolver: URLResolver) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace:
                yield pattern.namespace
            yield from namespaces(pattern)


ALL = sorted(set(addresses(get_resolver())))


def test_every_row_is_about_an_address_that_exists():
    known = {view for view, _ in ALL} | {f"{space}:*" for space in namespaces(get_resolver())}
    assert set(ACCESS) <= known


@pytest.fixture
def samples(town):
    """A published ticket that is at the works."""
    report = Report(text="Đèn tắt", channel="web", once="a", category_id=town.lamps.pk, area_id=town.ward.pk)
    ticket = tickets.take(report, by=town.lan)
    tickets.move(ticket, "accept", by=town.lan)
    routing.route(ticket, town.works, by=town.lan)
    publication.propose(ticket)
    return {**SAMPLES, "code": ticket.code, "token": ticket.follow}


@pytest.mark.parametrize(("view", "parameters"), ALL, ids=[view for view, _ in ALL])
def test_an_address_opens_to_those_of_its_row_and_to_nobody_else(town, samples, view, parameters):
    may = allowed(view)  # KeyError: this address needs a row in caunoi/web/access.py
    path = reverse(view, kwargs={name: samples[name] for name in parameters})  # KeyError: give SAMPLES an example
    stranger = Client().get(path)
    to_login = stranger.status_code == 302 and stranger["Location"].startswith(reverse(settings.LOGIN_URL))
    if may in (PUBLIC, TOKEN):
        assert not to_login
        return
    assert to_login
    for name in PEOPLE:
        client = Client()
        client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(path)
        if town.users[name].as_actor().has(*may):
            assert answer.status_code in (200, 302, 404, 405), name
            assert answer.get("Location", "").split("?")[0] != reverse(settings.LOGIN_URL), name
        else:
            assert answer.status_code == 403, name
