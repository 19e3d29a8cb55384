"""What only the organisation can answer of level 3: stated by an administrator, shown by the doctor and the annex.

Proves: an administrator states since when a requirement is met, by whom and by which document, and withdraws it; each
is an event; doctor and annex say that the organisation states it and the product did not check it"""

import io
from datetime import timedelta
from types import SimpleNamespace

import docx
import pytest
from django.test import Client
from django.utils.timezone import localdate

from caunoi.checks import annex, level3
from caunoi.checks.level3 import Answer, Standing
from caunoi.directory import assurances
from caunoi.directory.models import Assurance
from caunoi.events.actor import NotAllowedError
from caunoi.events.models import Event

DAY = localdate() - timedelta(days=30)
TYPED = {"since": DAY.isoformat(), "who": "Phòng Công nghệ thông tin", "document": "QĐ 15/QĐ-STTTT"}


@pytest.fixture
def quan(town: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def answer(requirement: str) -> Answer:
    return next(answer for row, answer in level3.answers() if row.id == requirement)


def test_it_is_stated_shown_as_the_organisation_s_and_withdrawn(quan: Client) -> None:
    assert "malware" in quan.get("/setup/level3/").content.decode()
    page = quan.post("/setup/level3/malware", TYPED, follow=True).content.decode()
    assert "QĐ 15/QĐ-STTTT" in page and "Phòng Công nghệ thông tin" in page
    told = answer("malware")
    assert told.is_stated and told.standing is Standing.PEOPLE and not told.mend.in_("vi")
    assert "not checked by the product" in told.text.in_("en") and f"{DAY:%d/%m/%Y}" in told.text.in_("vi")
    rows = level3.answers()
    table = docx.Document(io.BytesIO(annex.write(rows, "en"))).tables[0]
    (line,) = [line for line in table.rows if "QĐ 15/QĐ-STTTT" in line.cells[5].text]
    assert line.cells[4].text == "stated by the organisation"
    as_json = level3.as_json(*next(pair for pair in rows if pair[0].id == "malware"), "vi")
    assert (as_json["state"], as_json["stated"]) == ("people", True)
    quan.post("/setup/level3/malware/withdraw")
    assert not answer("malware").is_stated
    kinds = Event.objects.filter(subject="assurance").order_by("id").values_list("kind", "by")
    assert list(kinds) == [("assurance.make", "quan"), ("assurance.withdraw", "quan")]
    assert "QĐ 15/QĐ-STTTT" not in quan.get("/setup/level3/").content.decode()
    assert quan.post("/setup/level3/malware/withdraw").status_code == 404


def test_stating_it_anew_withdraws_what_stood_and_both_stay(quan: Client) -> None:
    quan.post("/setup/level3/sealed", TYPED)
    assert "AES-256-GCM" in answer("sealed").text.in_("en"), "what the product saw stays before it"
    quan.post("/setup/level3/sealed", TYPED | {"document": "QĐ 16"})
    assert [row.document for row in Assurance.objects.order_by("id")] == ["QĐ 15/QĐ-STTTT", "QĐ 16"]
    assert Assurance.objects.get(withdrawn=None).document == "QĐ 16" and "QĐ 16" in answer("sealed").text.in_("vi")
    history = quan.get("/setup/history/?of=assurance").content.decode()
    assert history.count("Dữ liệu nhạy cảm") >= 2 or history.count("mã hóa") >= 2


@pytest.mark.parametrize("lacking", [{"since": (localdate() + timedelta(days=1)).isoformat()}, {"who": " "}])
def test_a_day_to_come_and_nobody_are_refused(quan: Client, lacking: dict[str, str]) -> None:
    sent = quan.post("/setup/level3/malware", TYPED | lacking)
    assert sent.status_code == 422 and not Assurance.objects.exists()
    assert TYPED["document"] in sent.content.decode()


def test_what_the_product_sees_for_itself_is_stated_by_nobody(quan: Client) -> None:
    for requirement in ("idle_lock", "four_eyes", "nonsense"):
        assert quan.get(f"/setup/level3/{requirement}").status_code == 404
        assert quan.post(f"/setup/level3/{requirement}", TYPED).status_code == 404
    assert not Assurance.objects.exists()


def test_only_an_administrator_states_it(town: SimpleNamespace) -> None:
    for by in (town.lan, town.tam, town.phong):
        with pytest.raises(NotAllowedError):
            assurances.state("malware", DAY, "x", "y", by=by)
    event = assurances.state("malware", DAY, "x", "y", by=town.quan)
    row = Assurance.objects.get(pk=event.subject_id)
    assert assurances.withdraw(row, by=town.quan) and assurances.withdraw(row, by=town.quan) is None
