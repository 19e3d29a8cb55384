"""Proposals by the API: asked for, not kept."""

from caunoi.tickets.models import Ticket


def test_a_program_asks_what_a_message_is(api, town):
    answer = api.lan.post("triage", text="Đèn đường hẻm 3 tắt cả tuần", channel="zalo")
    assert answer.status == 200
    assert answer.body["category"]["value"] == "lamps" and answer.body["category"]["sure"]
    assert answer.body["agency"]["value"] == town.works.code, "whom the rules name"
    assert answer.body["gate"]["value"] == "none" and answer.body["why"]["category"]
    assert not Ticket.objects.exists()


def test_nothing_is_proposed_of_nothing(api, town):
    answer = api.lan.post("triage", text="")
    assert answer.status == 200 and answer.body["area_code"]["value"] is None


def test_what_is_no_message_is_refused(api, town):
    assert api.lan.post("triage", text="x", channel="pigeon").status == 422
    assert api.lan.post("triage").status == 422
    assert api.nobody.post("triage", text="x").status == 401
