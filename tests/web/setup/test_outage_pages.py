from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from caunoi.directory.models import Outage
from caunoi.lib.worktime.counting import ZONE

MONDAY = datetime(2026, 8, 3, 9, 0, tzinfo=ZONE)


@pytest.fixture
def quan(town: SimpleNamespace, time_machine: Any) -> Client:
    time_machine.move_to(MONDAY, tick=False)
    client = Client()
    client.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def given(starts: datetime, **more: str) -> dict[str, str]:
    form = "%Y-%m-%dT%H:%M"
    ends = starts + timedelta(hours=2)
    said = {
        "channel": "phone",
        "starts": f"{starts:{form}}",
        "ends": f"{ends:{form}}",
        "reason": "Đổi máy chủ. Xin nhắn Zalo.",
    }
    return said | more


def test_an_outage_is_announced_read_by_all_and_undone(quan: Client) -> None:
    starts = MONDAY + timedelta(days=14)
    answer = quan.post("/setup/outages/new", given(starts), follow=True)
    assert "Đã báo" in answer.content.decode() and "Đổi máy chủ" in answer.content.decode()
    assert "Đổi máy chủ" in Client().get("/channels").content.decode()
    assert "Đổi máy chủ" not in Client().get("/").content.decode()
    undo = answer.content.decode().split("/setup/history/")[1].split("/undo")[0]
    quan.post(f"/setup/history/{undo}/undo")
    assert Outage.objects.get().cancelled
    assert "Đổi máy chủ" in quan.get("/setup/history/?of=outage").content.decode()


def test_too_late_is_refused_with_the_day_it_may_begin(quan: Client) -> None:
    soon = MONDAY + timedelta(days=2)
    answer = quan.post("/setup/outages/new", given(soon))
    assert answer.status_code == 422 and not Outage.objects.exists()
    assert "12/8 17:00" in answer.content.decode() and "Xin nhắn Zalo" in answer.content.decode()
    assert quan.post("/setup/outages/new", given(soon, unplanned="on")).status_code == 422  # … and why?
    quan.post("/setup/outages/new", given(soon, unplanned="on", excuse="Mất điện"))
    assert Outage.objects.get().excuse == "Mất điện"


def test_the_home_page_says_so_while_it_lasts(quan: Client, town: SimpleNamespace, time_machine: Any) -> None:
    starts = MONDAY + timedelta(days=14)
    quan.post("/setup/outages/new", given(starts))
    time_machine.move_to(starts + timedelta(minutes=5), tick=False)
    from_home = Client().get("/").content.decode()
    assert "Tạm ngừng đến" in from_home and "Xin nhắn Zalo" in from_home
    quan.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")  # two weeks later
    quan.post(f"/setup/outages/{Outage.objects.get().pk}/cancel")
    assert "Xin nhắn Zalo" not in Client().get("/channels").content.decode()


def test_the_preview_says_whether_it_is_in_time(quan: Client) -> None:
    for days, words in ((14, "đủ"), (2, "quá sớm")):
        sent = given(MONDAY + timedelta(days=days)) | {"do": "preview"}
        page = quan.post("/setup/outages/new", sent, headers={"HX-Request": "true"}).content.decode()
        assert words in page and not Outage.objects.exists()
