"""What people keep to themselves stays so: who reported, what was denounced, the citizen's own link, words that are
masked, a report that is still being written; and what the log tells to whoever reads it.

Proves: the reporter stays hidden, one door for threads, people, calls and pictures, no citizen's link for staff, no
secret in a log, people and not names (S1, S2, S8, S10, S11, S14, K1, K28)"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from stage import Answer, Person, Product, ask, wait_until

PEOPLE = ("lan", "tam", "minh", "hoa", "thu", "phong", "quan")
NUMBER, WRONG = "0900765432", "0900111222"


class Plain:
    """A program with cookies of its own, as a curious person's script has them."""

    def __init__(self, product: Product, user: str = "") -> None:
        self.product, self.cookies = product, dict[str, str]()
        if user:
            page = self.get("/login")
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            assert token
            fields = {"username": user, "password": "demo1022!", "csrfmiddlewaretoken": token[1]}
            assert self.post("/login", fields).status == 302, user

    def _kept(self, answer: Answer) -> Answer:
        for line in answer.headers.get("set-cookie", "").split(", "):
            if match := re.match(r"([\w-]+)=([^;]+);", line):
                self.cookies[match[1]] = match[2]
        return answer

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **more}

    def get(self, path: str, **more: str) -> Answer:
        return self._kept(ask(self.product.address + path, **self._headers(more)))

    def post(self, path: str, fields: dict[str, Any], **more: str) -> Answer:
        if "csrftoken" in self.cookies:
            fields = {"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields}
        headers = self._headers({"form": "yes", "referer": self.product.address + "/", **more})
        return self._kept(ask(self.product.address + path, fields, **headers))


def report(
    somebody: Person, text: str, *, name: str = "", number: str = "", prepared: str = "/report"
) -> tuple[str, str]:
    """Writes a report step by step as the pages offer it; (its code, the path of its own page)."""
    somebody.expect("GPU stall due to ReadPixels")  # the map, without a graphics card
    page = somebody.at("/report")
    page.fill("[name=text]", text)
    page.press("[name=text]", "Tab")
    _on(somebody)
    _on(somebody)
    _on(somebody)
    page.fill("[name=name]", name)
    page.fill("[name=phone]", number)
    page.check("[name=consent]")
    _on(somebody)
    _on(somebody)
    assert somebody.path.startswith("/f/"), page.inner_text("main")
    code = re.search(r"\d\d-\d{6}-\d", page.inner_text("main"))
    assert code
    return code[0], somebody.path


def sent(product: Product, text: str, *, name: str = "", number: str = "") -> tuple[str, str]:
    """A report sent by a program, step by step as the pages are; (its code, the path of its own page)."""
    somebody = Plain(product)
    action = re.search(r'action="(/report/[^"]+/what)"', somebody.get("/report").text)
    assert action
    place = action[1]
    for step in ("what", "where", "photos", "you", "check"):
        fields: dict[str, Any] = {"what": {"text": text, "kind": "report", "ordinary": "1"}}.get(step, {})
        if step == "you":
            consent = re.search(r'name="consent_version" value="(\d+)"', somebody.get(place).text)
            assert consent
            fields = {"name": name, "phone": number, "consent": "on", "consent_version": consent[1]}
        answer = somebody.post(place, fields)
        assert answer.status == 302, (step, answer.text[-400:])
        place = answer.headers["location"]
    own = place.partition("?")[0]
    code = re.search(r"\d\d-\d{6}-\d", somebody.get(own).text)
    assert code and own.startswith("/f/")
    return code[0], own


def _on(somebody: Person) -> None:
    with somebody.page.expect_navigation():
        somebody.page.locator("form button.btn-primary").last.click()


def api(product: Product, who: str, path: str, body: dict[str, Any] | None = None) -> Answer:
    return product.ask(f"/api/v1/{path}", body, authorization=f"Bearer demo-api-{who}")


def move(product: Product, who: str, code: str, name: str, **given: Any) -> None:
    answer = api(product, who, f"tickets/{code}/moves", {"move": name, **given})
    assert answer.status == 200, (name, answer.text)


def test_an_officer_who_types_phone_numbers_learns_nothing(demo: Product) -> None:
    text = "Nắp cống vỡ trước cổng trường, cháu nhỏ suýt ngã."
    code, own = sent(demo, text, name="Lê Thị Thử", number=NUMBER)
    officer = Plain(demo, "minh")
    tries = [officer.post("/lookup", {"code": code, "phone": number}) for number in (NUMBER, WRONG)]
    assert {answer.status for answer in tries} == {403}
    assert not any("location" in answer.headers for answer in tries)
    assert all(own not in answer.text and text not in answer.text for answer in tries)
    finds = [
        demo.ask("/api/v1/mine/find", {"code": code, "phone": n}, authorization="Bearer demo-api-minh")
        for n in (NUMBER, WRONG)
    ]
    assert {answer.status for answer in finds} == {403}


def test_code_and_phone_show_the_state_and_open_nothing(demo: Product, person: Callable[..., Person]) -> None:
    text = "Đèn trước nhà văn hoá chớp tắt cả đêm."
    citizen = person(demo, size="phone")
    code, own = report(citizen, text, name="Phạm Văn Thử", number=NUMBER)
    page = citizen.at("/lookup")
    page.fill("[name=code]", code)
    page.fill("[name=phone]", NUMBER)
    with page.expect_navigation():
        page.press("[name=phone]", "Enter")
    assert citizen.path == "/lookup"
    words = page.inner_text("main")
    assert code in words and "1022" in words and text not in words and "Phạm Văn Thử" not in words
    assert own not in page.content()
    found = demo.ask("/api/v1/mine/find", {"code": code, "phone": NUMBER})
    assert found.status == 200 and found.json["code"] == code and found.json["state"] == "new"
    assert own.removeprefix("/f/") not in found.text and text not in found.text
    assert citizen.at(own).inner_text("main").count(text) == 1  # the link stays the way in


def test_trying_numbers_ends_soon_whichever_process_answers(demo: Product) -> None:
    code, _own = sent(demo, "Rác đổ trộm ở bãi đất trống.", number=NUMBER)
    tries = [demo.ask("/lookup", {"code": code, "phone": f"09111111{n:02}"}, form="yes") for n in range(8)]
    statuses = [answer.status for answer in tries]
    assert 429 in statuses[:7] and statuses[-1] == 429, statuses
    for _ in range(4):  # several connections: any of the processes
        last = demo.ask("/lookup", {"code": code, "phone": NUMBER}, form="yes")
        assert last.status == 429 and "location" not in last.headers
    assert demo.ask("/api/v1/mine/find", {"code": code, "phone": NUMBER}).status == 429


CANARY = "Chimhoàngyến"
ASKED = quote(CANARY)


@pytest.fixture(scope="module")
def denounced(demo: Product) -> dict[str, Any]:
    """A denunciation with words that stand nowhere else, and where a custodian sees it."""
    text = f"{CANARY}: cán bộ nhận tiền của tôi."
    code, own = sent(demo, text, name="Bạch Yến Canari", number="0900454545")
    move(demo, "tam", code, "refuse", reason="denunciation")
    thu = Plain(demo, "thu")
    ticket = thu.get(f"/desk/{code}/").text
    assert CANARY in ticket
    contact = int(re.search(r"/desk/people/(\d+)/", ticket)[1])  # type: ignore[index]
    near = range(max(contact - 20, 1), contact + 20)
    threads = [pk for pk in near if CANARY in thu.get(f"/desk/conversations/{pk}/").text]
    assert threads, "its thread was not among those near it"
    return {"code": code, "own": own, "contact": contact, "threads": threads}


@pytest.mark.parametrize("who", [name for name in PEOPLE if name != "thu"])
def test_a_denunciation_is_behind_one_door(demo: Product, denounced: dict[str, Any], who: str) -> None:
    """The ticket, its thread, its person, every list and search, page by page: no byte of it."""
    somebody, code = Plain(demo, who), denounced["code"]
    known = (CANARY, "Bạch Yến Canari", "0900454545", "0900 454 545", "+84900454545")
    paths = [f"/desk/{code}/", f"/agency/{code}/", f"/board/tickets/{code}/", f"/desk/people/{denounced['contact']}/"]
    paths += [f"/desk/conversations/{pk}/" for pk in denounced["threads"]]
    start = {"minh": "/agency/", "hoa": "/agency/", "phong": "/board/", "quan": "/setup/"}.get(who, "/desk/")
    seen, wanted = set[str](), [*paths, start]
    wanted += [f"{start}?q={ASKED}", f"/desk/find?q={ASKED}", f"/desk/conversations/?q={ASKED}", "/desk/calls.csv"]
    while wanted and len(seen) < 150:
        path = wanted.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = somebody.get(path)
        assert answer.status < 500, path
        text, echo = answer.text, {CANARY} if ASKED in path else set()  # what is asked for stands in its field again
        sung = {word for word in known if word in text} - echo
        assert not sung, (who, path, sung)
        if answer.headers.get("content-type", "").startswith("text/html"):
            links = re.findall(r'href="(/(?:desk|agency|board|quality|setup|procedures|notices)/[^"#]*)"', text)
            wanted += [link.replace("&amp;", "&") for link in links if link not in seen][:25]
    for path in (f"tickets/{code}", f"tickets?q={ASKED}", "tickets?limit=100", f"tickets/{code}/notices"):
        answer = api(demo, who, path)
        assert not {word for word in known if word in answer.text}, (who, path)
    assert code not in api(demo, who, f"tickets?q={ASKED}").text


def test_nobody_writes_to_a_denouncer_they_may_not_see(demo: Product, denounced: dict[str, Any]) -> None:
    lan = Plain(demo, "lan")
    lan.get("/desk/new")  # a page with the form's token
    for pk in denounced["threads"]:
        answer = lan.post(f"/desk/conversations/{pk}/say", {"say": "Anh chị là ai?"})
        assert answer.status == 404


def test_the_staff_neither_have_nor_use_the_citizens_link(demo: Product, person: Callable[..., Person]) -> None:
    citizen = person(demo, size="phone")
    code, own = sent(demo, "Vỉa hè trước bộ phận một cửa bị bong gạch.", number=NUMBER)
    move(demo, "lan", code, "accept", category="lamps")
    move(demo, "lan", code, "answer", text="Từ bảy giờ rưỡi đến mười bảy giờ.")
    secret = own.removeprefix("/f/")
    for who in ("lan", "tam", "thu"):
        assert secret not in Plain(demo, who).get(f"/desk/{code}/").text, who
        assert secret not in api(demo, who, f"tickets/{code}").text, who
    lan = person(demo, "lan")
    lan.expect("403")
    page = lan.at(own)
    assert page.locator("main form").count() == 0 and "cán bộ" in page.inner_text("main")
    for act, fields in (
        ("rate", {"grade": "good"}),
        ("close", {}),
        ("reply", {"text": "Cảm ơn"}),
        ("reopen", {"reopen_text": "x"}),
    ):
        answer = lan.context.request.post(f"{demo.address}{own}/{act}", form=fields, max_redirects=0)
        assert answer.status == 403, act
    mine = lan.context.request.post(f"{demo.address}/api/v1/mine/{secret}/rating", data={"grade": "satisfied"})
    assert mine.status == 403
    page = citizen.at(own)
    page.locator("[name=grade][value=good]").check(force=True)
    with page.expect_navigation():
        page.locator("#rate-form button.btn-primary").click()
    assert "không biết ai đã đánh giá" in page.inner_text("main")


def test_what_is_masked_cannot_be_asked_for(demo: Product) -> None:
    text = "Bóng đèn hẻm Chimsâu tắt, hỏi chị Võ Thị Quỳnh Nga, căn cước công dân số 070190001234."
    made = api(
        demo, "lan", "tickets", {"text": text, "channel": "phone", "contact": {"name": "Người Thử", "phone": NUMBER}}
    )
    assert made.status == 201, made.text
    code = made.json["code"]
    move(demo, "lan", code, "accept", category="lamps")
    move(demo, "lan", code, "route", agency="xncongtrinh")
    minh = Plain(demo, "minh")
    page = minh.get(f"/agency/{code}/").text
    assert "Chimsâu" in page and "Quỳnh Nga" not in page and "070190001234" not in page
    wait_until(lambda: code in minh.get("/agency/?q=h%E1%BA%BBm%20Chims%C3%A2u").text, why="readable words are found")
    for words in ("V%C3%B5%20Th%E1%BB%8B%20Qu%E1%BB%B3nh%20Nga", "quynh%20nga", "070190001234", "Chims%C3%A2u%20Nga"):
        assert code not in minh.get(f"/agency/?q={words}").text, words
        assert code not in api(demo, "minh", f"tickets?q={words}").text, words
        assert code in api(demo, "lan", f"tickets?q={words}").text, words


@pytest.mark.parametrize("prepared", ["chosen-by-somebody", ""], ids=["a chosen address", "an address of the server"])
def test_a_prepared_address_gives_nobody_anothers_report(
    demo: Product, person: Callable[..., Person], prepared: str
) -> None:
    attacker, victim = person(demo), person(demo, size="phone")
    for somebody in (attacker, victim):
        somebody.expect("404", "410", "GPU stall due to ReadPixels")
    if not prepared:
        page = attacker.at("/report")
        prepared = page.locator("form[action*='/report/']").first.get_attribute("action").split("/")[2]
    text, name = f"Chuyện riêng {prepared}: đèn đường trước nhà tắt.", "Nguyễn Thị Kín"
    page = victim.at(f"/report/{prepared}/what")
    page.fill("[name=text]", text)
    _on(victim)
    _on(victim)
    _on(victim)
    page.fill("[name=name]", name)
    page.fill("[name=phone]", "0900343434")
    page.check("[name=consent]")
    _on(victim)
    for step in ("what", "where", "photos", "you", "check"):
        seen = attacker.at(f"/report/{prepared}/{step}").content()
        assert text not in seen and name not in seen and "0900343434" not in seen, step
        theirs = victim.path.split("/")[2]
        stranger = attacker.at(f"/report/{theirs}/{step}").content()
        assert name not in stranger and "0900343434" not in stranger, step
    page.reload()
    assert name in page.inner_text("main")  # to its own browser all of it
    theirs = victim.path.split("/")[2]
    _on(victim)
    assert victim.path.startswith("/f/")
    for token in (prepared, theirs):
        for step in ("what", "check"):
            attacker.at(f"/report/{token}/{step}")
            assert not attacker.path.startswith("/f/"), (token, step)
    victim.at(f"/report/{theirs}/check")
    assert victim.path.startswith("/f/")  # its own browser finds back


def test_without_cookies_a_report_goes_too(demo: Product) -> None:
    action = re.search(r'action="(/report/[^"]+)/what"', demo.ask("/report").text)
    assert action
    place, consent = f"{action[1]}/what", ""
    for step, fields in (
        ("what", {"text": "Cây đổ chắn đường.", "kind": "report"}),
        ("where", {}),
        ("photos", {}),
        ("you", {}),
        ("check", {}),
    ):
        if step == "you":
            consent = re.search(r'name="consent_version" value="(\d+)"', demo.ask(place).text)[1]  # type: ignore[index]
            fields = {"name": "Không Cookie", "consent": "on", "consent_version": consent}
        answer = demo.ask(place, fields, form="yes")
        assert answer.status == 302, (step, answer.text[-500:])
        place = answer.headers["location"]
    assert place.startswith("/f/")


def test_the_log_opens_nothing(demo: Product) -> None:
    _code, own = sent(demo, "Cột điện nghiêng sau bão.", number=NUMBER)
    secret, other = own.removeprefix("/f/"), "kH7-secret-of-a-link-0123456789"
    assert demo.ask(f"{own}/reply", {"text": ""}, form="yes").status == 422
    for path in (
        f"/f/{secret}/nothing",
        f"/r/{other}",
        f"/l/{other}",
        f"/invite/{other}",
        f"/j/{other}/leave",
        f"/report/{other[:30]}/where",
        f"/cti/{other}",
        f"/api/v1/mine/{secret}/nothing",
        f"/files/nothing.webp?f={secret}&c={other}",
        f"/hooks/facebook/?hub.mode=subscribe&hub.verify_token={other}",
        f"/open311/v2/requests/1.json?api_key={other}",
    ):
        assert demo.ask(path).status < 500, path
    demo.expect(r"Forbidden: /(hooks|l|invite)/")
    log = demo.log
    assert "/f/…" in log
    assert secret not in log and other not in log and other[:30] not in log


def test_figures_of_the_machine_are_for_the_machine(demo: Product) -> None:
    assert b"caunoi_events_pending" in demo.ask("/metrics").body  # from this host
    proxied = demo.ask("/metrics", x_forwarded_for="198.51.100.7")
    assert proxied.status == 403 and b"caunoi_" not in proxied.body
