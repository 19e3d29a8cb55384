"""The first day of an empty province: from `caunoi up` on an empty home to the first report that is answered, in a
browser alone, from the checkout and from a wheel that is installed elsewhere; and the same from a file of answers, at a
shell.

Proves: first run at the shell (`caunoi init`, questions or `--answers`) and in a browser behind the one-time
address that `up` prints; all 34 provinces by code or name; a wrong answer is named and changes nothing; once
Proves: readiness page with progress and links, the starter set by a button, the portal's switch; a rehearsal the
whole way and away again, one at a time; what a killed one left is swept by the next and by the clock"""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stage import Person, Product, bare, wait_until

People = Callable[..., Person]
SECRET = "mùa xoài ở Cao Lãnh"
SYSTEM = Path("/usr/bin") / f"python3.{sys.version_info.minor}"
LINK = re.compile(r"http://\S+/first/\S+")


@pytest.fixture(scope="module", params=["checkout", pytest.param("wheel", marks=pytest.mark.long)])
def province(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Product]:
    """A running installation that nobody has told anything."""
    folder, begun = tmp_path_factory.mktemp("province"), 0.0
    product = Product(folder / "home")
    if request.param == "wheel":
        house = request.getfixturevalue("release") / "wheelhouse"
        begun = time.monotonic()
        subprocess.run([SYSTEM, "-m", "venv", folder / "venv"], check=True)
        words = ["install", "-q", "--no-index", "--find-links", house, "caunoi[s3,pkcs11]"]
        subprocess.run([folder / "venv" / "bin" / "pip", *words], check=True, cwd=folder)
        product.command = folder / "venv" / "bin" / "caunoi"
    with product:
        if request.param == "wheel":
            (folder / "took").write_text(f"{time.monotonic() - begun:.0f}")
        yield product


@pytest.mark.parametrize("province", ["wheel"], indirect=True)
@pytest.mark.long
@pytest.mark.alone
def test_a_wheel_serves_a_minute_after_it_was_begun_to_install(province: Product) -> None:
    assert int((province.home.parent / "took").read_text()) < 60


def choose(somebody: Person) -> None:
    somebody.page.fill("[name=password]", SECRET)
    somebody.page.fill("[name=password_again]", SECRET)
    with somebody.page.expect_navigation():
        somebody.page.press("[name=password_again]", "Enter")


def send(somebody: Person) -> None:
    with somebody.page.expect_navigation():
        somebody.page.locator("main form button.btn-primary").click()


def test_before_anybody_set_it_up_citizens_read_that_it_is_prepared(province: Product, person: People) -> None:
    citizen = person(province, size="phone")
    citizen.expect("503")
    for path in ("/", "/report", "/app"):
        assert "đang được chuẩn bị" in citizen.at(path).inner_text("main")
    assert province.ask("/health/ready").status == 200


def test_the_first_run_is_answered_in_a_browser_on_a_phone(province: Product, person: People) -> None:
    link = wait_until(lambda: LINK.search(province.log), 60, why="up prints the address of the first run")[0]
    somebody = person(province, size="phone")
    somebody.expect("422", "404")
    page = somebody.at(link)
    send(somebody)  # with nothing answered
    assert page.locator(".field-error, .error").count() >= 2
    page.select_option("[name=province]", "82")
    page.fill("[name=hotline_name]", "Tổng đài 1022 Đồng Tháp")
    page.fill("[name=name]", "Quản trị (thử)")
    page.fill("[name=user]", "Quản Trị")
    send(somebody)
    assert page.input_value("[name=hotline_name]") == "Tổng đài 1022 Đồng Tháp", "what was right is kept"
    page.fill("[name=user]", "quantri")
    send(somebody)
    assert somebody.path.startswith("/invite/")
    choose(somebody)
    somebody.sign_in("quantri", SECRET)
    stranger = person(province)
    stranger.expect("404")
    assert stranger.at(link).locator("[name=province]").count() == 0, "the address opens once"


def test_what_is_missing_leads_to_where_it_is_set_and_the_portal_opens(province: Product, person: People) -> None:
    admin = person(province, "quantri", SECRET)
    page = admin.at("/setup/ready")
    assert "102 xã, phường" in page.inner_text("main") and "23 lĩnh vực" in page.inner_text("main")
    with page.expect_navigation():
        page.locator(".ready-broken a", has_text="Thiết lập").click()
    assert admin.path == "/setup/people/"
    page = admin.at("/setup/people/new")
    page.fill("[name=username]", "lan")
    page.fill("[name=full_name]", "Lan (thử)")
    page.select_option("[name=role]", "operator") if page.locator("select[name=role]").count() else page.locator(
        "[name=role][value=operator]"
    ).check(force=True)
    with page.expect_navigation():
        page.locator("#setup-form button[value=save]").click()
    once = page.inner_text(".secret").strip()
    page = admin.at("/setup/ready")
    assert page.locator(".ready-broken").count() == 0
    with page.expect_navigation():
        page.get_by_role("button", name="Mở cổng").click()
    assert page.get_by_role("button", name="Đóng cổng").is_visible()
    lan = person(province)
    lan.sign_in("lan", once)
    lan.page.fill("[name=old_password]", once)
    lan.page.fill("[name=new_password1]", SECRET)
    lan.page.fill("[name=new_password2]", SECRET)
    with lan.page.expect_navigation():
        lan.page.press("[name=new_password2]", "Enter")
    assert lan.path == "/desk/"


def test_the_first_report_comes_in_and_is_answered(province: Product, person: People) -> None:
    citizen = person(province, size="phone")
    code, own = citizen.report("Đèn đường trước chợ tắt ba đêm nay", address="Trước chợ Cao Lãnh", phone="0912345678")
    lan = person(province, "lan", SECRET)
    page = lan.at(f"/desk/{code}")
    page.locator("#move-answer > summary").click()
    page.select_option("#form-answer [name=answer-category]", "lamps")
    page.fill("#form-answer [name=answer-text]", "Đèn đã được sửa sáng nay.")
    page.locator("#form-answer .btn-primary").first.click()
    wait_until(lambda: "Đèn đã được sửa sáng nay." in citizen.at(own).inner_text("main"), why="the citizen reads it")
    assert "Tổng đài 1022 Đồng Tháp" in citizen.page.inner_text("header")
    assert "Đồng Nai" not in citizen.text()


def test_a_script_answers_the_first_run(tmp_path: Path, person: People) -> None:
    product = Product(tmp_path / "home")
    wrong, right = tmp_path / "wrong.toml", tmp_path / "right.toml"
    right.write_text('province = "Cà Mau"\nopen = true\n[administrator]\nuser = "it"\nname = "IT (thử)"\n', "utf-8")
    for text, word in (
        (right.read_text("utf-8").replace("Cà Mau", "Ca Mâu Mới"), "province"),
        (right.read_text("utf-8").replace("user", "use"), "administrator.use"),
        ("province = [", "TOML"),
    ):
        wrong.write_text(text, "utf-8")
        done = product.shell("init", "--answers", str(wrong))
        assert (done.returncode, word in done.stderr, done.stderr.count("\n")) == (2, True, 1), done.stderr
    assert product.shell("init", "--answers", str(tmp_path / "none.toml")).returncode == 2
    done = product.shell("init", "--answers", str(right), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told) == {"enrol", "ready", "lacking"} and not told["ready"]
    assert all(set(one) == {"check", "why", "mend"} for one in told["lacking"])
    again = product.shell("init", "--answers", str(right))
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    with product:
        somebody = person(product)
        somebody.at(product.address + told["enrol"].split("://")[1].partition("/")[2].join(["/", ""]))
        choose(somebody)
        somebody.sign_in("it", SECRET)
        assert somebody.path == "/setup/"
        assert "/first/" not in product.log
        citizen = person(product, size="phone")
        assert citizen.report("Cống nghẹt trước trường học", address="Trường Phan Ngọc Hiển")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_stops_it_before_it_is_ready_reads_one_line(tmp_path: Path, number: int) -> None:
    product = Product(tmp_path / "home")
    environ = bare(product.home, PORT=str(product.port))
    with subprocess.Popen([product.command, "up", "--lang", "en"], stdout=-1, stderr=-2, text=True, env=environ) as up:
        assert up.stdout
        assert "Preparing" in up.stdout.readline()
        up.send_signal(number)
        said = up.stdout.read()
    assert (up.returncode, said.count("\n"), "Stopped" in said) == (0, 1, True), said
