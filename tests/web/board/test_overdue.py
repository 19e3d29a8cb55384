"""What is slow, on the board: the list, the paper, who must explain, who was reminded.

Proves: What is slow: one list, by holder, paged; as a paper (PDF)
Proves: Record of the escalation ladder as a page"""

from caunoi.sla import watch


def test_the_list_counts_what_the_board_counts_and_opens_each(at, august):
    client = at("phong")
    context = client.get("/board/overdue").context
    assert context["count"] == client.get("/board/?period=month").context["whole"].open_overdue == 1
    (row,) = context["rows"]
    assert row.code == august.e.code and client.get(row.url).status_code == 200


def test_it_goes_on_page_by_page_and_by_agency(at, august, monkeypatch, time_machine):
    time_machine.shift(20 * 86400)
    monkeypatch.setattr("caunoi.web.board.overdue.PAGE", 2)
    client, address, seen = at("thu"), "/board/overdue", []
    monkeypatch.setattr("caunoi.sla.queries.PAGE", 2)
    while address:
        context = client.get(address).context
        seen += [row.code for row in context["rows"]][:2]
        address = context["next"] and f"/board/overdue{context['next']}"
    assert len(seen) == len(set(seen)) == context["count"] == 5
    works = client.get("/board/overdue?agency=xncongtrinh").context["rows"]
    assert {row.holder for row in works} == {"Xí nghiệp Công trình công cộng"}


def test_an_explanation_goes_its_whole_way(at, august):
    asked = {"code": [august.e.code], "due": "2026-08-28", "text": "", "back": "/board/overdue"}
    at("thu").post("/board/overdue/ask", asked)
    again = at("phong").post("/board/overdue/ask", asked, follow=True)
    assert [m.level_tag for m in again.context["messages"]] == ["info"]
    cells = at("phong").get("/board/overdue").content.decode().split('data-label="Giải trình">')[1:]
    (waiting,) = [cell for cell in (one.split("</td>")[0] for one in cells) if "due-left" in cell]
    assert "Giải trình" not in waiting  # its column is called so
    theirs = at("hoa").get("/agency/directives")
    (line,) = theirs.context["lines"]
    assert line.explains and line.mine
    at("hoa").post(f"/agency/directives/{line.row.pk}", {"do": "complete", "answer": "Thiếu bóng đèn loại này."})
    assert "Thiếu bóng đèn loại này." in at("phong").get(f"/board/tickets/{august.e.code}").content.decode()
    assert "Thiếu bóng đèn loại này." in at("thu").get("/board/explanations?part=done").content.decode()
    assert "Thiếu bóng đèn loại này." in at("tam").get("/board/overdue").content.decode()


def test_nothing_chosen_and_days_gone_by_are_said(at, august):
    client = at("thu")
    for given in (
        {"due": "2026-08-28"},
        {"code": [august.e.code], "due": "2026-08-01"},
        {"code": [august.e.code], "due": "x"},
    ):
        answer = client.post("/board/overdue/ask", given, follow=True)
        assert [m.level_tag for m in answer.context["messages"]] == ["error"]


def test_the_paper_of_what_is_slow_is_a_pdf(at, august):
    answer = at("phong").get("/board/overdue/report.pdf")
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")


def test_the_ladders_record_says_who_was_told(at, august):
    watch.sweep()
    watch.escalate()
    rows = at("phong").get("/board/reminders").context["rows"]
    assert august.e.code in {one.row.ticket.code for one in rows}
    leaders = at("phong").get("/board/reminders?to=lead").context["rows"]
    assert {one.row.to for one in leaders} == {"lead"}
