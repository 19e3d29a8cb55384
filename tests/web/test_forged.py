"""Forms that another site sends in somebody's name: every address wants a token of our own pages, or knows whoever
asks by something that no browser sends by itself.

Proves: anti-forgery tokens wherever a session is the authority"""

from collections.abc import Iterator
from types import SimpleNamespace

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from caunoi.web.access import PUBLIC, TOKEN, allowed
from tests.web.test_access import ALL, PEOPLE, SAMPLES

BY_KEY = ("api:", "open311:", "cell-missives", "voice-")  # the caller's key or signature
BY_LINK = "citizen:"  # the secret address, or nothing at all: citizens have no sessions
BY_HAND = {
    "link",  # the signed address
    "drafts",  # the signed name of the form, which allows writing alone
    "session-lock",  # takes the sender's own session away
}


def without_token(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """The views that ask for none."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from without_token(pattern, (*spaces, pattern.namespace) if pattern.namespace else spaces)
        elif isinstance(pattern, URLPattern) and getattr(pattern.callback, "csrf_exempt", False):
            yield ":".join((*spaces, str(pattern.name)))


def test_only_those_ask_for_no_token_who_do_not_go_by_a_session() -> None:
    found = set(without_token(get_resolver()))
    assert {view for view in found if not view.startswith((*BY_KEY, BY_LINK))} == BY_HAND
    assert {view for view in found if view.startswith(BY_LINK) and allowed(view) not in (PUBLIC, TOKEN)} == set()


def test_no_address_of_the_staff_takes_a_form_without_a_token(town: SimpleNamespace) -> None:
    clients = {}
    for who in PEOPLE:
        clients[who] = Client(enforce_csrf_checks=True)
        clients[who].force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
    tried, wrong = 0, {}
    exempt = set(without_token(get_resolver()))
    for view, parameters in ALL:
        may = allowed(view)
        if may in (PUBLIC, TOKEN) or view in exempt:
            continue
        who = next(name for name in PEOPLE if town.users[name].as_actor().has(*may))
        path = reverse(view, kwargs={name: SAMPLES.get(name, "26-000001-1") for name in parameters})
        tried += 1
        if (status := clients[who].post(path).status_code) != 403:
            wrong[view] = status
    assert wrong == {} and tried > 150
