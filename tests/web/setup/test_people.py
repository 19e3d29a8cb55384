"""Agencies, people, keys and inboxes in the browser."""

import re

import pytest
from django.test import Client

from caunoi.accounts.models import Key, User
from caunoi.accounts.queries import actor_of_token, app
from caunoi.conversations.actions import keep
from caunoi.conversations.queries import inbox, receipts
from caunoi.directory.queries import agencies, agency

AGENCY = {
    "do": "save",
    "name": "Ban Cây xanh",
    "name_en": "Tree Office",
    "short": "",
    "kind": "department",
    "area": "",
    "phone": "0251 3822 501",
    "email": "cayxanh@demo.example",
    "address": "",
    "calendar": "office",
}
PERSON = {"do": "save", "full_name": "An (demo)", "role": "officer", "agency": "dienluc", "phone": ""}


def secret(response):
    return re.search(r'class="secret code"[^>]*>([^<]+)<', response.content.decode())[1]


def at_work(town, name):
    client = Client()
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_agency_is_added_found_changed_and_retired(quan, undo, town):
    quan.post("/setup/agencies/new", AGENCY | {"code": "cayxanh"})
    assert agency("cayxanh").phone == "+842513822501"
    assert "Tree Office" in quan.get("/setup/agencies/", {"q": "cay xanh"}).content.decode()
    quan.post("/setup/agencies/cayxanh/", AGENCY | {"name": "Ban Công viên"})
    assert agencies()[0].name == "Ban Công viên"
    response = quan.post("/setup/agencies/cayxanh/", {"do": "retire"}, follow=True)
    assert agency("cayxanh") is None
    undo(response)
    assert agency("cayxanh").name == "Ban Công viên"


def test_a_phone_number_that_is_none_is_kept_and_asked_again(quan, town):
    response = quan.post("/setup/agencies/dienluc/", AGENCY | {"phone": "gọi anh Ba"})
    assert response.status_code == 422
    assert "gọi anh Ba" in response.content.decode()


def test_a_new_person_signs_in_once_with_the_password_shown_and_then_chooses_one(quan, town):
    response = quan.post("/setup/people/new", PERSON | {"username": "an"}, follow=True)
    assert response["Cache-Control"] == "no-store"
    once, mine, fresh = secret(response), "sông Bé 2026 mênh mông", Client()
    assert fresh.post("/login", {"username": "an", "password": once}).status_code == 302
    assert fresh.get("/agency/").url == "/password"
    fresh.post("/password", {"old_password": once, "new_password1": mine, "new_password2": mine})
    assert fresh.get("/agency/").status_code == 200
    assert not User.objects.get(username="an").check_password(once)


def test_a_password_page_that_is_loaded_again_makes_no_other(quan, town):
    made = quan.post("/setup/people/minh/", {"do": "password"})
    assert made.status_code == 302
    once = secret(quan.get(made.url))
    again = quan.get(made.url, follow=True).content.decode()
    assert once not in again and "It was shown once and is not kept." in again
    assert User.objects.get(username="minh").check_password(once)


def test_an_officer_without_an_agency_is_not_taken(quan, town):
    response = quan.post("/setup/people/new", PERSON | {"username": "an", "agency": ""})
    assert response.status_code == 422
    assert 'value="An (demo)"' in response.content.decode()
    assert not User.objects.filter(username="an").exists()


@pytest.mark.parametrize("name", ["minh", "An", "an bình", "an<b>"])
def test_a_user_name_that_is_taken_or_odd_is_asked_again(quan, town, name):
    assert quan.post("/setup/people/new", PERSON | {"username": name}).status_code == 422


def test_another_role_counts_from_the_next_click_on(quan, town):
    lan = at_work(town, "lan")
    assert lan.get("/desk/").status_code == 200
    quan.post("/setup/people/lan/", PERSON | {"role": "leader", "agency": ""})
    assert lan.get("/desk/").status_code == 403


def test_a_closed_account_is_out_at_once_and_can_come_back(quan, undo, town):
    minh = at_work(town, "minh")
    response = quan.post("/setup/people/minh/", {"do": "deactivate"}, follow=True)
    assert minh.get("/agency/").status_code == 302
    undo(response)
    assert User.objects.get(username="minh").is_active


def test_nobody_locks_themselves_out(quan, town):
    quan.post("/setup/people/quan/", {"do": "deactivate"})
    assert quan.post("/setup/people/quan/", PERSON | {"role": "leader", "agency": ""}).status_code == 422
    assert quan.get("/setup/").status_code == 200


def test_the_history_holds_nobodys_name_or_number(quan, town):
    quan.post("/setup/people/minh/", PERSON | {"full_name": "Tên Mới", "agency": "xncongtrinh", "phone": "0901234567"})
    event = quan.get("/setup/history/?of=user").context["changes"][0].event
    assert event.data["also"] == ["full_name", "phone"]
    assert "Tên Mới" not in str(event.data)


def test_a_key_is_shown_once_works_and_can_be_revoked(quan, town):
    key = secret(
        quan.post("/setup/keys/new", {"do": "save", "use": "open311", "label": "Ứng dụng A", "user": ""}, follow=True)
    )
    assert app(key).label == "Ứng dụng A"
    assert key not in quan.get("/setup/keys/").content.decode()
    quan.post(f"/setup/keys/{Key.objects.get(label='Ứng dụng A').pk}/revoke")
    assert app(key) is None


def test_an_api_key_acts_as_somebody_who_may_sign_in(quan, town):
    typed = {"do": "save", "use": "api", "label": "Bảng tin", "user": "nobody"}
    assert quan.post("/setup/keys/new", typed).status_code == 422
    assert actor_of_token(secret(quan.post("/setup/keys/new", typed | {"user": "phong"}, follow=True))).name == "phong"


def test_inboxes_tell_what_came_and_what_nobody_could_read(quan, town):
    receipt, _ = keep(inbox("zalo"), "msg-1", {"odd": True}, state="unreadable")
    receipts("zalo").filter(pk=receipt.pk).update(trouble="không có chữ")
    rows = {row.inbox.name: row.inbox for row in quan.get("/setup/inboxes/").context["rows"]}
    assert (rows["zalo"].received, rows["zalo"].unreadable, rows["web"].received) == (1, 1, 0)
    assert "không có chữ" in quan.get("/setup/inboxes/zalo/").content.decode()


def test_a_mail_address_is_set_and_changed_and_pages_say_whom_mail_reaches(quan, town):
    before = quan.get("/setup/options/digest_hours").content.decode()
    assert "The leaders: 0 of 1 have an address" in before
    typed = {
        "do": "save",
        "full_name": "Phong",
        "role": "leader",
        "agency": "",
        "phone": "",
        "email": "phong@tinh.example",
    }
    quan.post("/setup/people/phong/", typed)
    assert User.objects.get(username="phong").email == "phong@tinh.example"
    assert 'value="phong@tinh.example"' in quan.get("/setup/people/phong/").content.decode()
    for page in ("/setup/options/", "/setup/options/digest_hours", "/setup/alerts/new"):
        assert "The leaders: 1 of 1 have an address" in quan.get(page).content.decode(), page
    assert quan.post("/setup/people/phong/", typed | {"email": "phong"}).status_code == 422
