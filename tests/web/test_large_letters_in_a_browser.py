"""Pages of who guards data and accounts, on a phone whose owner has doubled the letters.

Proves: No page is wider than the phone, no card hides the end of a line, no value stands letter below letter"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from caunoi.events.actor import citizen
from caunoi.privacy import actions
from caunoi.privacy.clocks import RequestKind
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter
from tests.browser import Screen

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAFF = {
    "quan": (
        *("/setup/people/", "/setup/people/review", "/setup/keys/new", "/setup/custodians/", "/setup/witnesses/"),
        *("/setup/privacy/", "/setup/privacy/retention/", "/setup/privacy/register", "/setup/privacy/breaches/"),
    ),
    "lan": ("/sessions", "/factors/", "/factors/app"),
}
CUT = """() => {
    const root = document.documentElement, cut = [];
    if (root.scrollWidth > root.clientWidth) cut.push(`page: ${root.scrollWidth}`);
    for (const one of document.querySelectorAll(".table-scroll:has(> .table-cards), .card"))
        if (one.scrollWidth > one.clientWidth + 1) cut.push(`${one.className}: ${one.scrollWidth}`);
    for (const one of document.querySelectorAll(".facts dd"))
        if (one.clientWidth < 120) cut.push(`value: ${one.clientWidth}`);
    return cut;
}"""


def look(screen: Screen, paths: tuple[str, ...]) -> dict[str, list[str]]:
    """By address what is cut off, with letters of 32 px where ours have 15 or 17."""
    page = screen.page
    page.set_default_timeout(30_000)
    found = {}
    for path in paths:
        page.goto(screen.url + path, wait_until="load")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if cut := page.evaluate(CUT):
            found[path] = cut
    return found


@pytest.mark.parametrize("who", STAFF)
def test_staff_read_all_of_it_with_letters_twice_as_large(
    screens: Callable[..., Screen], town: SimpleNamespace, who: str
) -> None:
    reporter = Reporter(name="Võ Thị Nga", phone="+84987612345")
    ticket = tickets.take(Report(text="Đèn hỏng", channel="web", once="a", reporter=reporter), by=citizen())
    row = actions.ask(RequestKind.DELETE, via="link", proof="link", by=citizen(ticket.pk), ticket=ticket)
    one = (f"/setup/privacy/requests/{row.pk}/",) if who == "quan" else ()
    assert look(screens(who, size="phone"), STAFF[who] + one) == {}


def test_citizens_read_all_of_it_with_letters_twice_as_large(
    screens: Callable[..., Screen], town: SimpleNamespace
) -> None:
    row = actions.ask(RequestKind.SEE, via="page", by=citizen(), name="Võ Thị Nga", reach="0987612345")
    paths = ("/privacy", "/privacy/ask", f"/privacy/r/{row.token}", "/accessibility", "/report/confidential", "/login")
    assert look(screens(size="phone"), paths) == {}
