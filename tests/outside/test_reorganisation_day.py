"""An act of reorganisation and an import, as those live them who carry them out, are moved by them, or write old names.

Phường Lộc Ninh (25270) and Xã Lộc Thành (25294) become Phường Lộc Ninh Mới (25999), and the utilities company gets
another name, today.

Proves: one geography, a rename keeps the agency, ended units keep their pages, undo of imports, acts that ask
again, who is moved is told (R1–R6)
"""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from stage import Person, Product, vietnam_today, wait_until

pytestmark = pytest.mark.long(minutes=6)

NUMBER = "99/NQ-HĐND"
LATER = 420
"""Seconds within which an act of today is carried out: the five minutes in which it can be stopped, and one more."""


def drafted(quan: Person, number: str, on: str) -> str:
    """A draft of that number and day; gives its address."""
    page = quan.at("/setup/reorganisations/new")
    page.fill("[name=number]", number)
    page.fill("[name=title]", "Về việc sắp xếp đơn vị")
    page.fill("[name=on]", on)
    with page.expect_navigation():
        page.press("[name=title]", "Enter")
    return quan.path


def change(quan: Person, act: str, what: str, kind: str, ends: list[str], new: str) -> None:
    page = quan.at(f"{act}{what}/new")
    page.check(f"[name=kind][value={kind}]")
    page.select_option("[name=ends]", ends)
    page.fill("[name=new]", new)
    with page.expect_navigation():
        page.locator("form button[type=submit], form button.btn-primary").last.click()


def schedule(quan: Person, act: str, number: str = NUMBER, reason: str = "") -> None:
    page = quan.at(act)
    if page.locator("[name=number]").count():  # an act of today asks for its number again
        page.fill("[name=number]", number)
    if reason:
        page.fill("[name=reason]", reason)
    with page.expect_navigation():
        page.click("button[value=schedule]")


def reported(demo: Product, address: str, at: int) -> str:
    """A citizen's report by Open311; gives its code."""
    form = {"service_code": "lighting", "description": f"Đèn đường không sáng, chỗ số {at}", "address_string": address}
    services = demo.ask("/open311/v2/services.json").json
    form["service_code"] = services[0]["service_code"]
    answer = demo.ask("/open311/v2/requests.json", form | {"api_key": "demo-open311"}, form="yes")
    assert answer.status == 201, answer.text
    return str(answer.json[0]["service_request_id"])


def area_of(demo: Product, code: str) -> str | None:
    answer = demo.ask(f"/api/v1/tickets/{code}", authorization="Bearer demo-api-lan")
    assert answer.status == 200, answer.text
    area: Any = answer.json["area"]
    return area["code"] if isinstance(area, dict) else area


def figures(demo: Product, **more: str) -> dict[str, dict[str, Any]]:
    since = f"{datetime.now(UTC) - timedelta(days=80):%Y-%m-%d}"
    until = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    words = "&".join(f"{k}={v}" for k, v in {"from": since, "to": until, "by": "agency", **more}.items())
    answer = demo.ask(f"/api/v1/measures/tickets?{words}", authorization="Bearer demo-api-phong")
    return {row["agency"]: row for row in answer.json["rows"]}


@pytest.fixture(scope="module")
def carried(demo: Product, browser: Any) -> Iterator[SimpleNamespace]:
    """The act, drafted by hand, scheduled and carried out; what stood before it."""
    quan = Person(browser, demo.address).sign_in("quan")
    control = reported(demo, "Ấp 4, xã Lộc Ninh", 1)
    wait_until(lambda: area_of(demo, control) == "25270", 30, why="the control report is placed")
    before = SimpleNamespace(figures=figures(demo), page=demo.ask("/agencies/xncongtrinh").text)
    act = drafted(quan, NUMBER, vietnam_today().isoformat())
    change(quan, act, "area", "merge", ["25270", "25294"], "Phường Lộc Ninh Mới; 25999")
    change(quan, act, "agency", "rename", ["xncongtrinh"], "Trung tâm Hạ tầng đô thị tỉnh")
    schedule(quan, act)
    wait_until(lambda: "Đã có hiệu lực; thực hiện" in quan.at(act).content(), LATER, 5, why="in force")
    yield SimpleNamespace(act=act, quan=quan, before=before)
    assert quan.complaints == []
    quan.close()


# R5: an act of today or the past asks again, and can be stopped


def test_an_act_of_today_asks_for_its_number_and_can_be_stopped(demo: Product, person: Any) -> None:
    quan = person(demo, "quan")
    act = drafted(quan, "97/NQ-HĐND", vietnam_today().isoformat())
    change(quan, act, "agency", "merge", ["dienluc", "capnuoc"], "Công ty Điện nước")
    page = quan.at(act)
    quan.expect("422")
    page.fill("[name=number]", "98/NQ-HĐND")
    page.click("button[value=schedule]")
    quan.see("Hãy gõ lại số văn bản")
    page.fill("[name=number]", "97/NQ-HĐND")
    page.click("button[value=schedule]")
    page.wait_for_selector("button[value=unschedule]")
    with page.expect_navigation():
        page.click("button[value=unschedule]")
    assert page.locator("button[value=schedule]").count() == 1  # a draft again, and nothing has moved
    with page.expect_navigation():
        page.click("button[value=drop]")


def test_an_act_of_the_past_wants_a_reason_and_says_which_figures_change(demo: Product, person: Any) -> None:
    quan = person(demo, "quan")
    act = drafted(quan, "96/NQ-HĐND", "2020-01-01")
    change(quan, act, "agency", "merge", ["dienluc", "capnuoc"], "Công ty Điện nước 2020")
    page = quan.at(act)
    assert page.locator("[name=reason]").count() == 1
    assert "Số liệu cũng đổi" in page.inner_text("main")
    with page.expect_navigation():
        page.click("button[value=drop]")


# R4: undo of a repeated import of procedures


def records(codes: list[str]) -> bytes:
    lines = [
        {
            "ma_thu_tuc": code,
            "ten_thu_tuc": f"Cấp giấy thử số {code}",
            "so_quyet_dinh": "10/QĐ-BTP",
            "cap_thuc_hien": "Cấp xã",
            "loai_thu_tuc": "Loại khác",
            "linh_vuc": "Hộ tịch",
            "doi_tuong_thuc_hien": "Công dân",
            "detail_url": f"https://example.org/{code}",
            "co_quan_thuc_hien": "Ủy ban nhân dân cấp xã",
            "trinh_tu_thuc_hien": "Bước 1: Nộp hồ sơ.",
            "yeu_cau_dieu_kien": "",
            "cach_thuc_thuc_hien": "",
            "thanh_phan_ho_so": "",
            "can_cu_phap_ly": "",
            "ket_qua_xu_ly": "",
            "_agency_dir": "bo-tu-phap",
        }
        for code in codes
    ]
    return gzip.compress("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())


def imported_and_undone(thu: Person, file: Path) -> None:
    page = thu.at("/procedures/imports/")
    page.set_input_files("input[type=file]", file)
    with page.expect_navigation():
        page.locator("form:has(input[type=file]) button").last.click()
    page.wait_for_selector("button[value=apply]", timeout=60_000)
    page.click("button[value=apply]")
    page.wait_for_selector("button[value=undo]", timeout=60_000)
    page.click("button[value=undo]")
    wait_until(lambda: "Đã hoàn tác" in page.inner_text("main"), 60, why="undone")
    assert page.locator("button[value=undo]").count() == 0


def test_after_the_second_undo_of_one_file_nothing_of_it_is_in_force(
    demo: Product, person: Any, tmp_path: Path
) -> None:
    codes = [f"8.{n:06}" for n in range(1, 6)]
    file = tmp_path / "ho-so.jsonl.gz"
    file.write_bytes(records(codes))
    thu = person(demo, "thu")
    for _ in range(2):
        imported_and_undone(thu, file)
        for code in codes:
            assert "hết hiệu lực" in demo.ask(f"/tthc/{code}").text.lower(), code


# R1, R9: one geography


OLD_AND_NEW = (
    "ấp 3, xã Lộc Thành",
    "khu phố 1, phường Lộc Ninh",
    "khu phố 1, phường Lộc Ninh Mới",
    "ấp 3, xã Lộc Thái, huyện Lộc Ninh",
)


@pytest.mark.long
def test_old_names_and_the_new_one_are_understood_the_day_an_act_comes_into_force(
    demo: Product, carried: SimpleNamespace
) -> None:
    codes = {address: reported(demo, address, at) for at, address in enumerate(OLD_AND_NEW, 10)}
    for address, code in codes.items():
        wait_until(lambda code=code: area_of(demo, code) == "25999", 30, why=address)
    far = reported(demo, "ấp 2, xã Lộc Quang", 20)
    wait_until(lambda: area_of(demo, far) == "25292", 30, why="what the act does not touch")


@pytest.mark.long
def test_caunoi_address_answers_the_unit_in_force_today(demo: Product, carried: SimpleNamespace) -> None:
    answer = demo.shell("address", "ấp 3, xã Lộc Thành, huyện Lộc Ninh", "--json")
    assert answer.returncode == 0 and json.loads(answer.stdout)["area_code"] == "25999", answer


@pytest.mark.long
def test_the_open_data_list_of_communes_is_todays(demo: Product, carried: SimpleNamespace) -> None:
    demo.shell("export", "open-data", str(demo.home.parent / "open"), timeout=180)
    (areas,) = (demo.home.parent / "open").rglob("areas.csv")
    codes = {line.split(",")[0] for line in areas.read_text("utf-8").splitlines()[1:]}
    assert "25999" in codes and not codes & {"25270", "25294"}
    assert len({c for c in codes if c}) == 94


# R2: a rename keeps the agency


@pytest.mark.long
def test_a_rename_keeps_the_agency_and_its_record(demo: Product, carried: SimpleNamespace) -> None:
    before, after = carried.before.figures["xncongtrinh"], figures(demo)
    assert not [code for code in after if code and "ha-tang" in code]
    assert after["xncongtrinh"]["on_time"] >= before["on_time"]
    assert after["xncongtrinh"]["total"] >= before["total"]


@pytest.mark.long
def test_no_body_stands_twice_and_the_old_name_stands_beside_the_new(
    demo: Product, person: Any, carried: SimpleNamespace
) -> None:
    phong = person(demo, "phong")
    text = phong.at("/board/ranking?period=90").inner_text("main")
    assert text.count("Trung tâm Hạ tầng đô thị tỉnh") == 1
    assert re.search(r"Trung tâm Hạ tầng đô thị tỉnh \(trước \d\d/\d\d/\d{4}: Xí nghiệp Công trình công cộng\)", text)
    assert "XN Công trình" not in text
    page = demo.ask("/agencies/xncongtrinh")
    assert page.status == 200 and "Trung tâm Hạ tầng đô thị tỉnh" in page.text
    assert "Xí nghiệp Công trình công cộng" in page.text


# R3: what has ended keeps its pages, filters and links


@pytest.mark.long
def test_an_ended_agency_keeps_its_page_with_the_document_and_the_follower(
    demo: Product, person: Any, carried: SimpleNamespace
) -> None:
    anybody = person(demo)
    page = anybody.at("/agencies/ubnd-25294")
    text = page.inner_text("main")
    assert NUMBER in text and "sáp nhập" in text
    page.get_by_role("link", name=re.compile("Lộc Ninh Mới")).first.click()
    assert re.search(r"/agencies/ubnd-25999", page.url)


@pytest.mark.long
def test_the_register_finds_the_tickets_of_ended_communes_by_old_and_new_code(
    demo: Product, person: Any, carried: SimpleNamespace
) -> None:
    anybody = person(demo)
    anybody.expect("WebGL")  # a map drawn without a graphics card
    for code in ("25270", "25999"):
        page = anybody.at(f"/register?area={code}")
        assert page.locator("main .items li").count() > 0, code
        assert page.locator("[name=area]").first.input_value() == code
    page = anybody.at("/register?agency=ubnd-25270")
    assert page.locator("[name=agency]").first.input_value() == "ubnd-25270"


@pytest.mark.long
def test_the_public_story_has_the_step_with_the_document(demo: Product, person: Any, carried: SimpleNamespace) -> None:
    anybody = person(demo)
    anybody.expect("WebGL")
    page = anybody.at("/register?agency=xncongtrinh&status=open")
    page.locator("main .items a").first.click()
    text = page.inner_text("main")
    assert NUMBER in text and "Trung tâm Hạ tầng đô thị tỉnh" in text


# R6: who is moved is told


@pytest.mark.long
@pytest.mark.parametrize("who", ["minh", "hoa", "phong", "tam"])
def test_whoever_an_act_concerns_is_told(demo: Product, person: Any, carried: SimpleNamespace, who: str) -> None:
    one = person(demo, who)
    page = one.at("/notices/")
    assert page.inner_text("main").count(NUMBER) >= 2  # scheduled, and in force
    page.locator("main").get_by_text(NUMBER).first.click()
    page.locator("main").get_by_text("Trung tâm Hạ tầng đô thị tỉnh").first.wait_for()
