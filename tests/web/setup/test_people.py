"""Agencies, people, keys and inboxes in the browser."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.test import Client
from django.utils.timezone import now

from caunoi.accounts import service_accounts
from caunoi.accounts.models import Key, ServiceAccount, Session, User
from caunoi.accounts.queries import app
from caunoi.conversations.actions import keep
from caunoi.conversations.queries import inbox, receipts
from caunoi.directory.actions import set_option
from caunoi.directory.queries import agencies, agency
from caunoi.events.actor import SYSTEM
from caunoi.web import proved

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
    response = quan.post("/setup/people/minh/close", follow=True)
    assert minh.get("/agency/").status_code == 302
    undo(response)
    assert User.objects.get(username="minh").is_active


def test_nobody_locks_themselves_out(quan, town):
    quan.post("/setup/people/quan/close")
    assert quan.post("/setup/people/quan/", PERSON | {"role": "leader", "agency": ""}).status_code == 422
    assert quan.get("/setup/").status_code == 200


def test_the_history_holds_nobodys_name_or_number(quan, town):
    quan.post("/setup/people/minh/", PERSON | {"full_name": "Tên Mới", "agency": "xncongtrinh", "phone": "0901234567"})
    event = quan.get("/setup/history/?of=user").context["changes"][0].event
    assert event.data["also"] == ["full_name", "phone"]
    assert "Tên Mới" not in str(event.data)


def test_a_password_that_waits_for_a_second_administrator_is_asked_for_on_the_page(quan, town):
    set_option("factor_roles", "admin supervisor", by=SYSTEM)
    session = quan.session
    session[proved.FACTOR] = "app"
    session.save()
    User.objects.filter(username="tam").update(last_login=now(), password=make_password("x"))
    User.objects.create(username="qua", full_name="Qua", role="admin", last_login=now())
    page = quan.get("/setup/people/tam/").content.decode()
    assert 'value="reset-ask"' in page and 'value="password"' not in page
    assert quan.post("/setup/people/tam/", {"do": "password"}).url == "/setup/people/tam/"
    assert check_password("x", User.objects.get(username="tam").password)
    quan.post("/setup/people/tam/", {"do": "reset-ask"})
    assert 'value="reset-drop"' in quan.get("/setup/people/tam/").content.decode()


PROGRAM = {"do": "save", "use": "open311", "label": "Ứng dụng A", "owner": "quan", "days": "30"}


def test_a_key_is_shown_once_works_and_can_be_revoked(quan, town):
    assert quan.post("/setup/keys/new", PROGRAM).status_code == 422, "alone, and no reason given"
    key = secret(quan.post("/setup/keys/new", PROGRAM | {"reason": "Chỉ có một quản trị viên"}, follow=True))
    assert app(key).label == "Ứng dụng A"
    assert key not in quan.get("/setup/keys/").content.decode()
    quan.post(f"/setup/keys/{Key.objects.get(label='Ứng dụng A').pk}/revoke")
    assert app(key) is None


def test_where_the_rules_refuse_a_key_there_is_no_program_either(quan, monkeypatch):
    def refuse(*args, **values):
        raise ValueError("expires")

    with monkeypatch.context() as patched:
        patched.setattr(service_accounts, "issue", refuse)
        page = quan.post("/setup/keys/new", PROGRAM | {"reason": "Chỉ có một quản trị viên"})
        assert page.status_code == 422 and "days" in page.context["form"].errors
    assert not ServiceAccount.objects.exists()
    secret(quan.post("/setup/keys/new", PROGRAM | {"reason": "Chỉ có một quản trị viên"}, follow=True))
    row = ServiceAccount.objects.get()
    monkeypatch.setattr(service_accounts, "issue", refuse)
    page = quan.post(f"/setup/keys/accounts/{row.pk}/", {"do": "issue", "days": "30", "reason": "Gấp"})
    assert page.status_code == 422 and "days" in page.context["issuing"].errors


def test_a_program_works_under_its_own_name_once_a_second_administrator_has_approved_it(quan, town, client):
    User.objects.create(username="qua", full_name="Qua", role="admin", last_login=now())
    typed = PROGRAM | {"use": "api", "label": "Bảng tin", "role": "operator"}
    assert quan.post("/setup/keys/new", typed).status_code == 422, "no scope"
    key = secret(quan.post("/setup/keys/new", typed | {"scopes": ["measures"]}, follow=True))
    row = Key.objects.get(label="Bảng tin")
    assert row.approved is None
    quan.post(f"/setup/keys/{row.pk}/approve")
    assert Key.objects.get(pk=row.pk).approved is None, "nobody approves their own"
    client.force_login(User.objects.get(username="qua"))
    client.post(f"/setup/keys/{row.pk}/approve")
    actor = service_accounts.actor_of_token(key)
    assert (actor.kind, actor.user_id, actor.discreet) == ("service", None, True)
    assert "Bảng tin" in quan.get("/setup/keys/").content.decode()
    again = quan.post("/setup/keys/new", typed | {"scopes": ["measures"]})
    assert again.status_code == 422, "the name is another program's"
    page = quan.get(f"/setup/keys/accounts/{row.account_id}/")
    assert page.status_code == 200
    quan.post(f"/setup/keys/accounts/{row.account_id}/", {"do": "owner", "owner": "tam"})
    assert Key.objects.get(pk=row.pk).account.owner.username == "tam"
    assert secret(quan.post(f"/setup/keys/accounts/{row.account_id}/", {"do": "issue", "days": "7"}, follow=True))
    assert Key.objects.filter(account=row.account_id).count() == 2


def test_whoever_leaves_hands_over_their_programs_and_is_out_at_once(quan, town, client):
    account = service_accounts.add(
        "Máy tính", "api", owner=town.users["tam"], role="operator", scopes=["measures"], by=town.quan
    )
    service_accounts.issue(account, "api", now() + timedelta(days=9), by=town.quan, reason="một mình")
    client.force_login(town.users["tam"])
    assert client.get("/desk/").status_code == 200
    asked = quan.post("/setup/people/tam/", {"do": "deactivate"})
    assert asked.url == "/setup/people/tam/close" and User.objects.get(username="tam").is_active
    assert "Máy tính" in quan.get(asked.url).content.decode()
    assert quan.post(asked.url, {}).status_code == 422
    quan.post(asked.url, {f"account-{account.pk}": "quan"})
    account.refresh_from_db()
    assert account.owner.username == "quan" and not User.objects.get(username="tam").is_active
    assert client.get("/desk/").status_code == 302
    assert Session.objects.get(user=town.users["tam"]).ending == "closed"


def test_all_accounts_are_reviewed_on_a_page_and_as_a_table(quan, town):
    page = quan.get("/setup/people/review").content.decode()
    assert all(name in page for name in ("lan", "minh", "quan"))
    assert "Second factor" in page and "Custodian" in page and "none yet" in page
    quan.post("/setup/people/review")
    assert quan.get("/setup/people/review").context["due"] is False
    asked = quan.get("/setup/people/review.csv")
    assert b'name="reason"' in asked.content  # a list of people goes out for a reason
    rows = b"".join(quan.post("/setup/people/review.csv", {"reason": "Rà soát nửa năm"}).streaming_content).decode()
    assert "lan" in rows and "tam" in rows


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
