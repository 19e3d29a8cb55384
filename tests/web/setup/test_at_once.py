"""Two who change one thing at once: each changes what they touched, and hears where both touched the same."""

import re

import pytest
from django.test import Client

from caunoi.directory.queries import agency, category


@pytest.fixture
def other(quan, town):
    """The same administrator in another window."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(client, page):
    """What a browser would send of a form as it was drawn."""
    answer = client.get(page)
    fields = {field.html_name: field.value() for field in answer.context["form"]}
    token = re.search(r'name="drawn" value="([^"]+)"', answer.content.decode())[1].replace("&quot;", '"')
    sent = {name: "on" if value is True else value for name, value in fields.items() if value not in (None, False)}
    return sent | {"do": "save", "drawn": token}


def test_who_changed_another_field_takes_nothing_back(quan, other):
    page = "/setup/agencies/dienluc/"
    first, second = form(quan, page), form(other, page)
    quan.post(page, first | {"address": "12 Hùng Vương"})
    assert other.post(page, second | {"phone": "0251 3822 501"}).status_code == 302
    assert (agency("dienluc").address, agency("dienluc").phone) == ("12 Hùng Vương", "+842513822501")


def test_a_choice_and_a_tick_of_somebody_else_stay(quan, other, town):
    page = "/setup/fields/lamps/"
    first, second = form(quan, page), form(other, page)
    quan.post(page, first | {"publish": "never"})
    assert other.post(page, second | {"name_en": "Lamps"}).status_code == 302
    assert (category("lamps").publish, category("lamps").name_en) == ("never", "Lamps")


def test_who_changed_the_same_field_is_told_keeps_the_words_and_may_save_them_again(quan, other):
    page = "/setup/agencies/dienluc/"
    first, second = form(quan, page), form(other, page)
    quan.post(page, first | {"address": "12 Hùng Vương"})
    answer = other.post(page, second | {"address": "14 Hùng Vương"})
    html = answer.content.decode()
    assert answer.status_code == 409 and "12 Hùng Vương" in html and 'value="14 Hùng Vương"' in html
    assert agency("dienluc").address == "12 Hùng Vương"
    again = re.search(r'name="drawn" value="([^"]+)"', html)[1].replace("&quot;", '"')
    assert other.post(page, second | {"address": "14 Hùng Vương", "drawn": again}).status_code == 302
    assert agency("dienluc").address == "14 Hùng Vương"
