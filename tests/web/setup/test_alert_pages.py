"""Alerts are set up with what they would say now beside them, and taken back."""

import pytest

from caunoi.reports.models import Alert

FORM = {
    "name": "Quá hạn nhiều",
    "measure": "overdue",
    "each": "agency",
    "how": "value",
    "above": "1",
    "threshold": "3",
    "window_minutes": "1440",
    "roles": ["supervisor", "leader"],
    "again_minutes": "240",
    "quiet_since": "22",
    "quiet_until": "6",
}


def test_one_is_added_changed_and_taken_back(quan, undo):
    added = quan.post("/setup/alerts/new", FORM, follow=True)
    row = Alert.objects.get()
    assert (row.threshold, row.roles, row.quiet_since) == (3.0, ["leader", "supervisor"], 22)
    changed = quan.post(f"/setup/alerts/{row.pk}", FORM | {"threshold": "5", "roles": ["leader"]}, follow=True)
    row.refresh_from_db()
    assert (row.threshold, row.roles) == (5.0, ["leader"])
    assert "the supervisor" in quan.get("/setup/history/?of=alert").content.decode()
    undo(changed)
    row.refresh_from_db()
    assert (row.threshold, row.roles) == (3.0, ["leader", "supervisor"])
    assert added.status_code == 200


def test_it_is_switched_off_and_on(quan, undo):
    quan.post("/setup/alerts/new", FORM)
    row = Alert.objects.get()
    off = quan.post(f"/setup/alerts/{row.pk}", {"do": "off"}, follow=True)
    row.refresh_from_db()
    assert not row.active
    undo(off)
    row.refresh_from_db()
    assert row.active


def test_what_it_would_say_now_stands_beside_it(quan):
    looked = quan.post("/setup/alerts/new", FORM | {"do": "preview"}, headers={"HX-Request": "true"}).content.decode()
    assert "It would not fire now." in looked and not Alert.objects.exists()
    fires = quan.post(
        "/setup/alerts/new",
        FORM | {"measure": "received", "each": "", "above": "0", "do": "preview"},
        headers={"HX-Request": "true"},
    )
    assert "It would fire now." in fires.content.decode()


def test_a_share_is_written_as_everywhere(quan):
    share = FORM | {"measure": "on_time", "each": "", "threshold": "86.5", "do": "preview"}
    looked = quan.post("/setup/alerts/new", share, headers={"HX-Request": "true"}).content.decode()
    assert "86,5% or more" in looked


@pytest.mark.parametrize(
    "wrong",
    [
        {"measure": "undelivered"},
        {"quiet_until": ""},
        {"roles": []},
        {"threshold": "-1"},
        {"measure": "secret"},
        {"how": "change"},
        {"how": "limits"},
        {"only_agency": "xncongtrinh"},
        {"measure": "calls", "each": "", "only_area": "25195"},
    ],
)
def test_what_cannot_be_is_refused(quan, wrong):
    assert quan.post("/setup/alerts/new", FORM | wrong).status_code == 422
    assert not Alert.objects.exists()


def test_the_board_shows_it_and_tests_it_now(quan):
    quan.post("/setup/alerts/new", FORM)
    row = Alert.objects.get()
    html = quan.get("/board/alerts").content.decode()
    assert "Quá hạn nhiều" in html
    tested = quan.post(f"/board/alerts/{row.pk}/test", follow=True)
    assert [m.level_tag for m in tested.context["messages"]] == ["success"]


def test_any_measure_is_watched_of_one_agency_and_tried_on_the_last_month(quan):
    wanted = FORM | {
        "measure": "handling",
        "each": "",
        "only_agency": "xncongtrinh",
        "how": "change",
        "threshold": "20",
    }
    tried = quan.post("/setup/alerts/past", wanted).content.decode()
    assert "It would have notified nobody in the last 30 days." in tried and not Alert.objects.exists()
    assert "fill in the form" in quan.post("/setup/alerts/past", {}).content.decode()
    quan.post("/setup/alerts/new", wanted)
    row = Alert.objects.get()
    assert (row.measure, row.how, row.only) == ("handling", "change", {"agency": "xncongtrinh"})
    page = quan.get(f"/setup/alerts/{row.pk}").content.decode()
    assert 'value="xncongtrinh" selected' in page and "/setup/alerts/past" in page
