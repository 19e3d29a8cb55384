"""The pages of quality: drawing, scoring blind, replying, deciding; what each person sees and does not."""

import re

import pytest
from django.test import Client

from caunoi.accounts.models import User
from caunoi.quality import actions, queries
from caunoi.quality.models import Case, Sample, Scorecard, Transcript
from tests.quality.conftest import SINCE, UNTIL, hotline, points, sample  # noqa: F401  fixtures

KEYS = ("understood", "right", "clear", "polite", "sorted", "prompt", "discreet")

REASON = {"reason": "Họp rút kinh nghiệm quý"}


@pytest.fixture
def people(hotline):  # noqa: F811
    def sign_in(name):
        client = Client()
        client.force_login(hotline.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def case(sample):  # noqa: F811
    return queries.case(sample.cases.filter(operator="lan").order_by("order").first().pk)


def typed(do="finish", **less):
    return {f"p-{key}": "2" for key in KEYS} | {"comment": "", "do": do} | {f"p-{k}": v for k, v in less.items()}


def taken(answer):
    """The lines of a table."""
    return b"".join(answer).decode("utf-8-sig").splitlines()


def again(case):
    return queries.case(case.pk)


def test_a_reviewer_draws_after_a_look_at_the_shares(people):
    thu = people("thu")
    asked = {"since": "2026-01-01", "until": "2029-12-31", "size": 5, "least": 2, "double": 20, "seed": "x"}
    page = thu.post("/quality/samples/new", asked | {"do": "preview"})
    assert page.status_code == 200 and not Sample.objects.exists()
    assert [row.drawn for row in page.context["strata"]] == [3, 2]
    made = thu.post("/quality/samples/new", asked | {"do": "draw"})
    assert made.status_code == 302 and Case.objects.count() == 5
    assert b"<code>x</code>" in thu.get(made["Location"]).content


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"until": "2025-01-01"}, "until"),
        ({"since": "2020-01-01", "until": "2020-01-02"}, "since"),
        ({"size": 0}, "size"),
        ({"since": "x"}, "since"),
        ({"double": 101}, "double"),
    ],
)
def test_what_cannot_be_drawn_is_said_at_its_field(people, more, field):
    asked = {"since": "2026-01-01", "until": "2029-12-31", "size": 6, "least": 2, "double": 20, "do": "draw"}
    page = people("thu").post("/quality/samples/new", asked | more)
    assert page.status_code == 422 and field in page.context["form"].errors and not Sample.objects.exists()


def test_scoring_leads_from_one_to_the_next(people, sample):  # noqa: F811
    thu = people("thu")
    seen = set()
    for _n in range(sample.cases.count()):
        address = thu.get("/quality/next")["Location"]
        seen.add(address)
        assert thu.get(address).status_code == 200
        assert thu.post(f"{address}score", typed())["Location"] == "/quality/next"
    assert len(seen) == sample.cases.count() == Case.objects.exclude(settled=None).count()
    assert thu.get("/quality/next")["Location"] == "/quality/"


def test_what_is_not_judged_is_marked_and_nothing_typed_is_lost(people, case):
    thu = people("thu")
    page = thu.post(f"/quality/cases/{case.pk}/score", typed(clear="", polite="9") | {"comment": "Hay"})
    assert page.status_code == 422
    assert {row.one.key for row in page.context["rows"] if row.wrong} == {"clear", "polite"}
    html = page.content.decode()
    assert "Hay</textarea>" in html and html.count('" checked>') == 5
    page = thu.post(f"/quality/cases/{case.pk}/score", typed(right="0"))
    assert page.status_code == 422 and again(case).settled is None


def test_a_draft_is_kept_and_gone_on_with(people, case):
    thu = people("thu")
    thu.post(f"/quality/cases/{case.pk}/score", typed("keep", clear=""))
    html = thu.get(f"/quality/cases/{case.pk}/").content.decode()
    assert html.count('" checked>') == 6 and again(case).settled is None


def test_who_scores_does_not_see_whose_answer_it_is_nor_anothers_score(people, hotline, case, points):  # noqa: F811
    Case.objects.filter(pk=case.pk).update(pair=True)
    actions.score(again(case), points(clear=1), "Rất rõ ràng", by=hotline.thu, final=True)
    html = people("ha").get(f"/quality/cases/{case.pk}/").content.decode()
    assert "Rất rõ ràng" not in html and ">Lan<" not in html and "· Lan" not in html
    assert "Rất rõ ràng" in people("thu").get(f"/quality/cases/{case.pk}/").content.decode()
    actions.score(again(case), points(), by=hotline.ha, final=True)
    html = people("ha").get(f"/quality/cases/{case.pk}/").content.decode()
    assert "Rất rõ ràng" in html and "· Lan" in html


def test_an_operator_reads_replies_and_a_supervisor_decides(people, hotline, case, points):  # noqa: F811
    lan, mai, tam = people("lan"), people("mai"), people("tam")
    address = f"/quality/cases/{case.pk}/"
    assert lan.get(address).status_code == 404
    actions.score(case, points(right=1), "Thiếu lệ phí", by=hotline.thu, final=True)
    assert address in lan.get("/quality/mine").content.decode()
    html = lan.get(address).content.decode()
    assert "Thiếu lệ phí" in html and ">Thu<" not in html and "Người chấm 1" in html
    assert mai.get(address).status_code == 404 and mai.post(f"{address}reply", {"text": "x"}).status_code == 404
    lan.post(f"{address}reply", {"text": "Tôi có nói ở câu cuối."})
    assert "Tôi có nói" in tam.get("/quality/").content.decode()
    assert tam.post(f"{address}decide", {"decision": "", "do": "keep"}).status_code == 422
    tam.post(f"{address}decide", typed("change") | {"decision": "Đúng là có nói."})
    assert again(case).result == 100
    assert "Đúng là có nói." in lan.get(address).content.decode()


def test_a_calibration_is_talked_over_and_agreed_on(people, hotline, case, points):  # noqa: F811
    thu, ha = people("thu"), people("ha")
    address = f"/quality/cases/{case.pk}/"
    thu.post(f"{address}calibrate")
    for client, level in ((thu, "2"), (ha, "0")):
        assert client.post(f"{address}score", typed(clear=level))["Location"] == "/quality/next"
    thu.post(f"{address}discuss", {"text": "Câu cuối nói rõ bước tiếp theo."})
    assert "Câu cuối nói rõ" in ha.get(address).content.decode()
    ha.post(f"{address}agree", typed(clear="1") | {"reason": "Rõ nhưng dài."})
    assert again(case).settled and again(case).verdict.points["clear"] == 1


def test_a_finished_score_is_gone_on_with(people, case):
    Case.objects.filter(pk=case.pk).update(pair=True)
    thu, address = people("thu"), f"/quality/cases/{case.pk}/"
    thu.post(f"{address}score", typed())
    thu.post(f"{address}take-back")
    assert b"data-scorecard" in thu.get(address).content
    assert thu.post(f"{address}take-back").status_code == 302


def test_a_supervisor_coaches_and_the_operator_reads(people):
    tam = people("tam")
    assert tam.post("/quality/people/lan/coach", {"text": " "}).status_code == 422
    tam.post("/quality/people/lan/coach", {"text": "Nêu lệ phí trước."})
    assert "Nêu lệ phí trước." in people("lan").get("/quality/mine").content.decode()
    assert "Nêu lệ phí trước." not in people("mai").get("/quality/mine").content.decode()
    assert people("thu").get("/quality/people/lan/").status_code == 403
    assert tam.get("/quality/people/nobody/").status_code == 404


def test_leaders_see_groups_and_nobody_by_name(people, hotline, case, points):  # noqa: F811
    actions.score(case, points(), by=hotline.thu, final=True)
    html = people("phong").get("/quality/").content.decode()
    assert "Lan" not in html and "/quality/people" not in html
    assert people("phong").get("/quality/people.csv").status_code == 403


def test_few_scores_are_counted_and_give_no_mean(people, hotline, points):  # noqa: F811
    row = actions.draw(SINCE, UNTIL, size=12, by=hotline.thu, double=0)
    for one in queries.cases(row, hotline.thu):
        actions.score(one, points(), by=hotline.thu, final=True)
    table = taken(people("thu").post("/quality/people.csv", REASON))
    assert table[1].split(",")[:3] == ["Lan", "8", "100.0"] and table[2].split(",")[:3] == ["Mai", "4", ""]
    assert people("tam").get("/quality/").content.decode().count("100") >= 1


def test_a_samples_list_is_a_table_too(people, hotline, sample, case, points):  # noqa: F811
    actions.score(case, points(clear=0), by=hotline.thu, final=True)
    table = taken(people("thu").post(f"/quality/samples/{sample.pk}/cases.csv", REASON))
    assert len(table) == 7 and sum("85.7" in line for line in table) == 1
    assert sum(",Lan," in line for line in table) == 1  # of the open ones nobody is named


def test_a_table_taken_away_holds_no_formula(people, hotline, sample, case, points):  # noqa: F811
    User.objects.filter(username="lan").update(full_name="=1+1")
    actions.score(case, points(), by=hotline.thu, final=True)
    assert any("'=1+1" in line for line in taken(people("thu").post(f"/quality/samples/{sample.pk}/cases.csv", REASON)))


def test_a_drawing_is_taken_back(people, sample):  # noqa: F811
    people("thu").post(f"/quality/samples/{sample.pk}/remove")
    assert not Sample.objects.exists()


def rows(*lines):
    return {f"{name}-{n}": value for n, line in enumerate(lines) for name, value in line.items()}


def test_the_scorecard_is_written_in_versions(people):
    quan = people("quan")
    own = {"key": "", "text": "Có chào đúng mẫu", "text_en": "Greets as agreed", "weight": "3"}
    right = {
        "key": "right",
        "text": "Nội dung trả lời đúng, dẫn đúng thủ tục",
        "text_en": "What was said is right, and rests on the right procedure",
        "weight": "4",
        "fatal": "1",
    }
    assert quan.post("/quality/card/new", rows(own | {"weight": "0"})).status_code == 422
    assert quan.post("/quality/card/new", rows({"key": "", "text": ""})).status_code == 422
    assert quan.post("/quality/card/new", rows(right, own)).status_code == 302
    first, second = Scorecard.objects.get().criteria
    assert (first.key, first.text, first.fatal) == ("right", "", True) and second.text == "Có chào đúng mẫu"
    quan.post("/quality/card/new", rows(right))
    assert (
        b"Greets" not in quan.get("/quality/card/").content and "Có chào" in quan.get("/quality/card/").content.decode()
    )
    assert "Có chào" in quan.get("/quality/card/new?from=1").content.decode()


def test_each_language_of_the_scorecard_has_its_box_whoever_reads(people):
    boxes = {}
    for language in ("vi", "en"):
        quan = people("quan")
        quan.cookies["language"] = language
        html = quan.get("/quality/card/new").content.decode()
        boxes[language] = re.findall(r'name="(text(?:_en)?-\d)" maxlength="200" value="([^"]*)"', html)
    assert boxes["vi"] == boxes["en"]
    assert ("text-3", "Lịch sự, kiên nhẫn") in boxes["en"] and ("text_en-3", "Polite and patient") in boxes["en"]


def test_a_transcript_stands_beside_the_form(people, hotline, case):  # noqa: F811
    from caunoi.calls.models import Call
    from caunoi.conversations.queries import inbox
    from caunoi.tickets.models import TicketCall

    call = Call.objects.create(
        inbox=inbox("phone"),
        call_id="1",
        facts={},
        direction="in",
        state="ended",
        outcome="answered",
        began="2026-11-01T00:00Z",
    )
    TicketCall.objects.create(ticket=case.ticket, call=call, by="lan")
    Transcript.objects.create(call=call, text="A lô, đèn tắt.", model="stub", by="thu", at="2026-11-02T00:00Z")
    assert "A lô, đèn tắt." in people("thu").get(f"/quality/cases/{case.pk}/").content.decode()
    assert people("thu").post(f"/quality/cases/{case.pk}/calls/{call.pk}/transcribe").status_code == 404  # no sound


def test_a_call_without_a_ticket_is_listened_to_and_scored_on_its_page(people, hotline, case):  # noqa: F811
    from caunoi.calls.models import Call
    from caunoi.conversations.queries import inbox

    call = Call.objects.create(
        inbox=inbox("phone"),
        call_id="2",
        facts={},
        direction="in",
        state="ended",
        outcome="answered",
        sound="calls/a.wav",
        operator=hotline.users["lan"],
        began=case.answered,
        ended=case.answered,
    )
    Transcript.objects.create(call=call, text="Số tôi là 0912345678.", model="stub", by="thu", at="2026-11-02T00:00Z")
    drawn = case.sample.cases.create(
        call=call, order=99, operator="lan", channel="call", answered=case.answered, sample=case.sample
    )
    html = people("thu").get(f"/quality/cases/{drawn.pk}/").content.decode()
    assert "Cuộc gọi này không lập phiếu" in html and f"/desk/calls/{call.pk}" in html
    assert "Số tôi là" in html and "0912345678" not in html
    listed = people("thu").get(f"/quality/samples/{case.sample_id}/").content.decode()
    assert "Cuộc gọi không lập phiếu" in listed and f"/quality/cases/{drawn.pk}/" in listed
