"""A password for one page: the exchange is told by the bridge, and the one before is of no use."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from bridged import held, linked, play, until
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from fake_pbx import FakePbx

from caunoi.accounts import sessions
from caunoi.accounts.models import Session
from caunoi.accounts.sessions import Ending
from caunoi.calls import actions
from caunoi.calls.actions.browser_phones import FORSAKEN
from caunoi.calls.models import BrowserPhone
from caunoi.conversations.models import Inbox
from caunoi.events.actor import SYSTEM
from caunoi.telephony.browser_phone import digest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("impatient")]


@pytest.fixture
def lan(town: Any, asterisk: Inbox) -> Any:
    user = town.users["lan"]
    user.extension = "109"
    user.save()
    asterisk.config |= {"browser_phones": "109", "wss": "wss://pbx.example/ws"}
    asterisk.save()
    return user


def opened(user: Any) -> actions.PhoneKey:
    try:
        return actions.open_phone(user, by=user.as_actor())
    finally:
        connection.close()


def signed_in(user: Any) -> Session:
    return sessions.begin(user, device="", address="", method="password", familiar=True)


def told(pbx: FakePbx) -> list[str]:
    """The digests that the exchange was told, one after the other."""
    asked = [each for each in pbx.actions if each["Action"] == "Originate"]
    assert all(each["Channel"] == "Local/109@hotline-password" for each in asked)
    return [each["Variable"].removeprefix("DIGEST=") for each in asked]


def test_the_bridge_tells_the_exchange_and_the_product_keeps_nothing_of_it(asterisk: Inbox, lan: Any) -> None:
    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(asterisk, port) as line:
            await until(linked(asterisk))
            key = await asyncio.to_thread(opened, lan)
            line.ask("phone")
            row = await until(lambda: BrowserPhone.objects.filter(state="valid").first())
            assert told(pbx) == [digest("109", key.password)]
            assert (row.page, row.digest) == (key.page, "")

            second = await asyncio.to_thread(opened, lan)
            line.ask("phone")
            await until(lambda: BrowserPhone.objects.filter(state="valid", page=second.page).exists())
            assert told(pbx)[-1] == digest("109", second.password) != digest("109", key.password)

            await asyncio.to_thread(_shut, lan)
            line.ask("phone")
            await until(lambda: BrowserPhone.objects.filter(state="valid", page="").exists())
            assert told(pbx)[-1] not in {digest("109", one.password) for one in (key, second)}

    play(story())


def _shut(user: Any) -> None:
    actions.close_phone(user)
    connection.close()


def test_an_exchange_that_does_not_answer_has_not_taken_it_and_an_end_is_asked_again(asterisk: Inbox, lan: Any) -> None:
    row = BrowserPhone(inbox=asterisk, user=lan, extension="109", page="seite", digest="a" * 32)
    row.save()
    actions.phone_failed(row, "no answer")
    row.refresh_from_db()
    assert (row.state, row.trouble) == ("failed", "no answer")
    actions.close_phone(lan)
    row.refresh_from_db()
    actions.phone_failed(row, "no answer")
    row.refresh_from_db()
    assert row.state == "asked"


def test_what_was_asked_meanwhile_is_not_taken_for_told(asterisk: Inbox, lan: Any) -> None:
    before = BrowserPhone.objects.create(inbox=asterisk, user=lan, extension="109", page="seite", digest="a" * 32)
    BrowserPhone.objects.update(page="neu", digest="b" * 32)
    actions.phone_known(before)
    row = BrowserPhone.objects.get()
    assert (row.state, row.digest) == ("asked", "b" * 32)


def test_a_page_that_gave_no_sign_and_a_person_who_may_not_serve_have_no_phone_any_more(
    asterisk: Inbox, lan: Any
) -> None:
    row = BrowserPhone.objects.create(inbox=asterisk, user=lan, extension="109", page="seite", state="valid")
    signed_in(lan)
    actions.close_forsaken()
    row.refresh_from_db()
    assert row.page == "seite"
    BrowserPhone.objects.update(seen=now() - FORSAKEN * 2)
    actions.close_forsaken()
    row.refresh_from_db()
    assert (row.page, row.state) == ("", "asked")
    BrowserPhone.objects.update(page="seite", state="valid", seen=now())
    lan.is_active = False
    lan.save()
    actions.close_forsaken()
    row.refresh_from_db()
    assert (row.page, row.state) == ("", "asked")


@pytest.mark.parametrize("ending", [Ending.ADMIN, Ending.PASSWORD, Ending.AGE])
def test_who_is_signed_in_nowhere_has_no_phone_any_more(asterisk: Inbox, lan: Any, town: Any, ending: Ending) -> None:
    row = BrowserPhone.objects.create(inbox=asterisk, user=lan, extension="109", page="seite", state="valid")
    other = BrowserPhone.objects.create(inbox=asterisk, user=town.users["tam"], extension="110", page="andere")
    town.users["tam"].extension = "110"
    town.users["tam"].save()
    signed_in(town.users["tam"])
    session = signed_in(lan)
    with CaptureQueriesContext(connection) as captured:
        actions.close_forsaken()
    assert len(captured) <= 3, "one for all phones, one for all sessions, and an option"
    row.refresh_from_db()
    assert row.page == "seite"
    if ending is Ending.AGE:
        Session.objects.filter(pk=session.pk).update(begun=now() - timedelta(hours=13))
    else:
        sessions.finish_all(lan, ending, by=SYSTEM)
    actions.close_forsaken()
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.page, row.state, other.page) == ("", "asked", "andere")
