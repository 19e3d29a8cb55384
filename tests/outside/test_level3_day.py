"""The day on which the file for security level 3 is put together: an IT department asks the product for its answers,
mends what it can, and prints the annex. Somebody who found a weakness looks for where to report it."""

import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

KEYS = {"id", "text", "source", "read_in_original", "by", "state", "answer", "mend", "stated"}
SECRET = "con đò sang sông lúc bốn giờ"
Rows = dict[str, dict[str, Any]]


def rows(product: Product, *words: str, **environ: str) -> tuple[Rows, subprocess.CompletedProcess[str]]:
    """{id: row} of the checklist."""
    done = product.shell("doctor", "--level", "3", "--json", *words, timeout=300, **environ)
    assert "Traceback" not in done.stderr, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(set(line) == KEYS for line in lines), done.stdout
    assert done.returncode == (1 if any(line["state"] == "open" for line in lines) else 0 if lines else 2)
    return {line["id"]: line for line in lines}, done


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Product, str]]:
    """An empty province after `caunoi init`, and the address at which its administrator enrols."""
    home = tmp_path_factory.mktemp("level3") / "home"
    answers = home.parent / "answers.toml"
    answers.write_text('province = "82"\nopen = true\n[administrator]\nuser = "quan"\nname = "Quản (thử)"\n', "utf-8")
    product = Product(home)
    done = product.shell("init", "--answers", str(answers), "--json", timeout=400)
    enrol = re.search(r'"enrol": ?"([^"]+)"', done.stdout)
    assert enrol, done.stderr
    with product:
        yield product, product.address + "/" + enrol[1].split("/", 3)[3]


def test_before_there_is_an_installation_nothing_is_answered(tmp_path: Path) -> None:
    done = Product(tmp_path / "new").shell("doctor", "--level", "3", "--json")
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.count("\n") == 1


def test_every_row_is_answered_with_its_source_and_nothing_for_people(province: tuple[Product, str]) -> None:
    answered, _done = rows(province[0], "--lang", "vi")
    assert len(answered) >= 25
    for row in answered.values():
        assert row["text"] and row["source"] and row["answer"]
        assert row["read_in_original"] is row["source"].startswith("Nghị định 331/2026/NĐ-CP (19/8/2026), Điều "), row
        assert row["by"] in {"product", "installation", "organisation"}
        assert row["state"] == "people" or row["by"] != "organisation", row
        assert row["state"] == "met" or row["mend"] or row["by"] == "organisation", row
    for name in ("idle_lock", "unused_accounts", "default_accounts"):
        assert answered[name]["state"] == "met", answered[name]
    for name in ("backups", "encrypted_backups", "contact", "encrypted_lines", "outside_factors", "four_eyes"):
        assert answered[name]["state"] == "open", answered[name]
    for name in ("rotation", "classes", "sealed"):
        assert answered[name]["state"] == "people", "only the organisation can answer it"
    assert "Rà soát" in answered["account_review"]["text"]


def test_what_is_mended_is_met_and_what_is_spoilt_is_open(province: tuple[Product, str], tmp_path: Path) -> None:
    product = province[0]
    made = product.shell("backup", "--new-key", str(tmp_path / "backup.key"))
    public = next(word for word in (made.stdout + made.stderr).split() if word.startswith("age1"))
    place = tmp_path / "backups"
    place.mkdir(mode=0o700)
    kept = {"CAUNOI_BACKUP_DIR": str(place), "CAUNOI_BACKUP_RECIPIENT": public}
    assert rows(product, **kept)[0]["backups"]["state"] == "open", "none was made yet"
    assert product.shell("backup", timeout=300, **kept).returncode == 0
    assert rows(product, **kept)[0]["backups"]["state"] == "open", "none was tried yet"
    (backup,) = (path for path in place.iterdir() if path.is_dir())
    tried = product.shell("restore", str(backup), "--rehearse", "--identity", str(tmp_path / "backup.key"), timeout=600)
    assert tried.returncode == 0, tried.stdout
    answered, _done = rows(product, **kept)
    assert answered["backups"]["state"] == answered["encrypted_backups"]["state"] == "met"
    assert answered["another_disk"]["state"] == "open"
    assert rows(product, CAUNOI_DEMO="1")[0]["default_accounts"]["state"] == "open"


def test_the_administrator_writes_down_where_weaknesses_are_reported(
    province: tuple[Product, str], person: Callable[..., Person]
) -> None:
    product, enrol = province
    before = product.ask("/.well-known/security.txt")
    assert before.status == 200 and before.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Contact: tel:1022;phone-context=+84" in before.text and "lỗ hổng" in before.text
    quan = person(product)
    page = quan.at(enrol)
    for name in ("password", "password_again"):
        page.fill(f"[name={name}]", SECRET)
    with page.expect_navigation():
        page.press("[name=password_again]", "Enter")
    quan.sign_in("quan", SECRET) if quan.path == "/login" else quan.enrol("quan")
    page = quan.at("/setup/options/security_contact")
    page.fill("[name=value]", "attt@1022.example.vn")
    with page.expect_navigation():
        page.locator("#setup-form button[value=save]").first.click()
    where = "/.well-known/security.txt"  # every process of pages reads options anew within ten seconds
    wait_until(lambda: all("mailto:" in product.ask(where).text for _ in range(8)), 40, every=2)
    text = next(text for text in (product.ask(where).text for _ in range(8)) if "mailto:" in text)
    assert "Contact: mailto:attt@1022.example.vn" in text, text
    assert text.index("Contact: mailto:") < text.index("Contact: tel:")
    (until,) = re.findall(r"^Expires: (.+)$", text, re.M)
    assert timedelta(0) < datetime.fromisoformat(until) - datetime.now(UTC) < timedelta(days=365)
    answered, _done = rows(product)
    assert answered["contact"]["state"] == "met"
    assert answered["administrators_factors"]["state"] == "met"


def test_what_only_the_office_can_answer_is_stated_by_the_administrator(
    province: tuple[Product, str], person: Callable[..., Person], tmp_path: Path
) -> None:
    product, quan = province[0], person(province[0])
    quan.sign_in("quan", SECRET)
    page = quan.at("/setup/level3/malware")
    page.fill("[name=since]", "2026-09-01")
    page.fill("[name=who]", "Phòng Hạ tầng số")
    page.fill("[name=document]", "Quyết định 15/QĐ-KHCN ngày 28/8/2026")
    with page.expect_navigation():
        page.locator("#setup-form button[value=save]").first.click()
    assert quan.path == "/setup/level3/" and "15/QĐ-KHCN" in page.inner_text("main")
    file = tmp_path / "annex.docx"
    answered, _done = rows(product, "--annex", str(file))
    row = answered["malware"]
    assert (row["state"], row["stated"], row["mend"]) == ("people", True, "")
    assert "15/QĐ-KHCN" in row["answer"] and "01/09/2026" in row["answer"] and "không kiểm tra" in row["answer"]
    (table,) = docx.Document(io.BytesIO(file.read_bytes())).tables
    (line,) = [line for line in table.rows if "15/QĐ-KHCN" in line.cells[5].text]
    assert line.cells[4].text == "đơn vị tự xác nhận"
    page = quan.at("/setup/level3/")
    with page.expect_navigation():
        page.locator("form[action$='/malware/withdraw'] button").click()
    assert "15/QĐ-KHCN" not in page.inner_text("main")
    assert rows(product)[0]["malware"]["stated"] is False
    assert "15/QĐ-KHCN" not in product.log, "what somebody states is in the record, not in the log"


def test_the_annex_has_every_row_in_two_languages(province: tuple[Product, str], tmp_path: Path) -> None:
    product = province[0]
    for lang, words in (
        ("vi", ("Phụ lục", "đạt", "chưa đạt", "Yêu cầu")),
        ("en", ("Annex", "met", "not met", "By whom")),
    ):
        file = tmp_path / f"annex-{lang}.docx"
        answered, _done = rows(product, "--lang", lang, "--annex", str(file))
        paper = docx.Document(io.BytesIO(file.read_bytes()))
        (table,) = paper.tables
        cells = [[cell.text for cell in line.cells] for line in table.rows]
        assert len(cells) == len(answered) + 1
        assert [line[1] for line in cells[1:]] == [row["text"] for row in answered.values()]
        assert [line[5] for line in cells[1:]] == [row["answer"] for row in answered.values()]
        whole = " ".join([*(p.text for p in paper.paragraphs), *(text for line in cells for text in line)])
        assert all(word in whole for word in words)


def test_what_cannot_be_done_is_said_in_a_line(province: tuple[Product, str], tmp_path: Path) -> None:
    product = province[0]
    for words in (
        ("--annex", "x.docx"),
        ("--level", "3", "--annex", str(tmp_path / "no" / "x.docx")),
        ("--level", "2"),
    ):
        done = product.shell("doctor", *words)
        assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr, words
    done = product.shell("doctor", "--level", "3", DATABASE_URL="postgresql://x:y@127.0.0.1:9/z")
    assert done.returncode == 2 and "Traceback" not in done.stderr
