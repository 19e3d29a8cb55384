"""An act as data: what is there before, what is done, and how whoever did it does it again when no answer came."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db import OperationalError, transaction
from django.test import Client

from caunoi.drafts import actions as drafts
from caunoi.events.actor import RefusedError
from caunoi.web.drafts import fresh

type Town = SimpleNamespace


def nothing(town: Town) -> None:
    """There is nothing before it."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`act` is done to what `ready` gives, and done again just so by whom nobody answered: the same form with the same
    mark, the same call of a provider. Who would look first whether it happened has a `look`. Of tables in `tries` each
    try leaves rows of its own, done or not. `sees` are tables that are aside elsewhere (stage.py). In `gaps`
    (table.column) are numbers of which a try that was undone has taken one. `waits`: the worker has not yet seen what
    `ready` made."""

    name: str
    act: Callable[[Town, Any], Any]
    ready: Callable[[Town], Any] = nothing
    look: Callable[[Town, Any], bool] | None = None
    tries: tuple[str, ...] = ()
    sees: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    waits: bool = False

    def __str__(self) -> str:
        return self.name


def signed_in(town: Town, who: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, path: str, data: Any = None, *, done: int = 302, **more: Any) -> Any:
    """A form that is sent. OperationalError where the answer is that the database is away; then the page sends the same
    form again by itself (web/unavailable.py). RefusedError where it is not `done`."""
    answer = client.post(path, {} if data is None else data, **more)
    if answer.status_code == 503:
        raise OperationalError(f"503 for {path}")
    assert answer.status_code < 500, f"{answer.status_code} for {path}"
    if answer.status_code != done:
        raise RefusedError(f"{answer.status_code} for {path}")
    return answer


def draft(town: Town, who: str, form: str) -> str:
    """The hidden field of a form of the staff: with it, the form is done once (web/drafts.py)."""
    return fresh(town.users[who].pk, "matter-1", form).token()


def sent_once(who: str, act: Callable[[Town, Any], Any]) -> Callable[[Town, Any], Any]:
    """An act behind a form with such a field, without its page: what web/drafts.py does."""

    def run(town: Town, subject: Any) -> None:
        user = town.users[who].pk
        with transaction.atomic():
            if drafts.begin(user, "form-1") is None:
                act(town, subject)
                drafts.finish(user, "matter-1", "form", once="form-1", opened=fresh(user, "", "").opened, led_to="/")

    return run
