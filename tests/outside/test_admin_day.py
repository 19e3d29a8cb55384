"""The day of an IT department and of the first administrator: from an empty home to the first report by every door,
the passwords of people who come, forget and go, the stranger at the sign-in page, the backup on the last evening.

Proves: every command, an empty province takes reports, the first administrator, getting in, nobody locks another
out, backups with all keys, people's mail (O2–O7, B1, B2, S4, S6, R7)"""

import csv
import http.client
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page
from stage import Person, Product, ask, free_port, wait_until

SECRET = "sông Bé mùa nước lớn"
OUTLINE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": "25195"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[106.85, 11.45], [106.95, 11.45], [106.95, 11.6], [106.85, 11.6], [106.85, 11.45]]],
            },
        }
    ],
}


PROXY = "127.0.0.9"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running installation without the demo, from an empty home, told of a proxy in front."""
    with Product(tmp_path_factory.mktemp("empty") / "home", {"CAUNOI_TRUSTED_PROXIES": PROXY}) as product:
        yield product


@pytest.fixture(scope="module")
def chi(empty: Product, browser: Browser) -> str:
    """The first administrator: made at the shell, the password chosen at the address that it printed."""
    made = empty.shell("admin", "chi", "--json")
    assert made.returncode == 0, made.stderr
    enrol = json.loads(made.stdout)["enrol"]
    somebody = Person(browser, empty.address)
    choose(somebody.at(enrol))
    somebody.see("Đã đặt mật khẩu")
    somebody.sign_in("chi", SECRET)
    assert somebody.path == "/setup/"
    somebody.at("/setup/ready").get_by_role("button", name="Mở cổng").click()
    somebody.see("Cổng đang mở")
    somebody.close()
    return "chi"


def choose(page: Page, password: str = SECRET) -> None:
    page.fill("[name=password]", password)
    page.fill("[name=password_again]", password)
    with page.expect_navigation():
        page.press("[name=password_again]", "Enter")


def save(page: Page, **fields: str) -> None:
    """Fills a form of the set-up pages and saves it."""
    for name, value in fields.items():
        field = page.locator(f"#setup-form [name={name}]")
        if field.first.get_attribute("type") == "radio":
            page.locator(f"#setup-form [name={name}][value={value}]").check(force=True)
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    with page.expect_navigation():
        page.locator("#setup-form button[value=save]").click()


# --- At the shell -----------------------------------------------------------------------------------------------------


def test_the_communes_come_in_by_the_command_of_the_first_day(empty: Product, tmp_path: Path) -> None:
    (tmp_path / "areas.geojson").write_text(json.dumps(OUTLINE))
    done = empty.shell("import", "areas", str(tmp_path / "areas.geojson"))
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\d+ new, 0 changed, 0 as they were$", done.stdout, re.M)
    done = empty.shell("import", "areas", str(tmp_path / "areas.geojson"))
    assert "0 new, 0 changed" in done.stdout
    done = empty.shell("import", "areas", str(tmp_path / "nothing"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    (tmp_path / "agencies.csv").write_text("Tên đơn vị;Loại\nCông ty Điện lực;Doanh nghiệp\n", "utf-8")
    done = empty.shell("import", "agencies", str(tmp_path / "agencies.csv"), "--preview")
    assert (done.returncode, "nothing was changed" in done.stdout) == (0, True), done.stderr


# --- The first administrator ------------------------------------------------------------------------------------------


def test_the_first_administrator_is_made_at_the_shell_and_comes_in(empty: Product, chi: str, person) -> None:
    here = person(empty, chi, SECRET, size="phone")
    assert here.path == "/setup/"
    done = empty.shell("manage", "createsuperuser")
    assert (done.returncode, "caunoi admin" in done.stderr) == (2, True)


def test_an_administrator_who_is_locked_out_is_rescued_and_the_old_password_is_over(empty: Product, person) -> None:
    links = [json.loads(empty.shell("admin", "binh", "--json").stdout)["enrol"] for _ in range(2)]
    somebody = person(empty)
    somebody.expect("404")
    assert "không còn dùng được" in somebody.at(links[0]).inner_text("main")  # a newer link ends the older
    assert somebody.page.locator("[name=password]").count() == 0
    page = somebody.at(links[1])
    choose(page, "ngan")
    assert page.locator("[name=password_again]").count() == 1
    page.fill("[name=password]", SECRET)
    page.fill("[name=password_again]", SECRET + "!")
    with page.expect_navigation():
        page.press("[name=password_again]", "Enter")
    somebody.see("Hai mật khẩu không giống nhau")
    somebody.expect("422")
    choose(page)
    somebody.sign_in("binh", SECRET)
    again = json.loads(empty.shell("admin", "binh", "--json").stdout)["enrol"]
    assert somebody.at("/setup/") and somebody.path == "/login"  # signed out at once
    choose(somebody.at(again), SECRET + " 2")
    somebody.sign_in("binh", SECRET + " 2")
    assert somebody.path == "/setup/"


# --- An empty province takes a report by every door -------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False])
def test_a_citizen_reports_by_the_web_form_of_an_empty_province(
    empty: Product, chi: str, person, scripts: bool
) -> None:
    citizen = person(empty, scripts=scripts, size="phone")
    citizen.expect("GL Driver Message")  # of a browser that draws the map without a graphics card
    assert citizen.report("Đèn đường trước chợ tắt ba ngày nay.", address="Trước chợ", phone="0912345678")
    citizen.page.locator("form[action='/language'] button").last.click()  # a form on a page whose address is secret
    citizen.see("Your ticket" if "Your ticket" in citizen.text() else "English")
    assert citizen.path.startswith("/f/")


def test_a_citizen_reports_by_the_app_of_an_empty_province(empty: Product, chi: str, person) -> None:
    page = person(empty, size="phone").at("/app")
    page.evaluate("navigator.serviceWorker.ready")
    page.fill("[name=text]", "Ổ gà lớn giữa đường.")
    page.check("[name=consent]")
    page.get_by_role("button", name="Lưu và gửi").click()
    page.locator("[data-app-list] a[href^='/f/']").first.wait_for()


def test_an_operator_takes_a_phone_call_and_a_visitor_by_hand(empty: Product, chi: str, person) -> None:
    admin = person(empty, chi, SECRET)
    once = newcomer(admin, "lan", "operator")
    lan = person(empty)
    lan.sign_in("lan", once)
    own_password(lan, once, SECRET)
    for channel in ("phone", "counter", "paper"):
        page = lan.at("/desk/new")
        page.locator(f"[name=channel][value={channel}]").check(force=True)
        page.fill("[name=text]", f"Tiếng ồn quán karaoke ({channel}).")
        page.fill("[name=name]", "Bà Tư")
        with page.expect_navigation():
            page.click("#entry button.btn-primary")
        assert re.search(r"/desk/\d\d-\d{6}-\d", page.url), page.inner_text("main")


def test_another_program_reports_by_open311_with_a_key_of_the_administrators_making(
    empty: Product, chi: str, person
) -> None:
    admin = person(empty, chi, SECRET)
    save(
        admin.at("/setup/fields/new"),
        code="lamps",
        name="Chiếu sáng",
        name_en="Lighting",
        group="Hạ tầng",
        group_en="Infrastructure",
    )
    save(admin.at("/setup/keys/new"), use="open311", label="Ứng dụng thành phố")
    key = admin.page.inner_text(".secret").strip()
    second = person(empty, "binh", SECRET + " 2")  # four eyes: who asks for a key does not approve it
    page = second.at("/setup/keys/")
    with page.expect_navigation():
        page.locator("[data-program='Ứng dụng thành phố']").get_by_role("button", name="Duyệt").click()
    given = {"api_key": key, "service_code": "lamps", "description": "Đèn tắt", "lat": "11.5", "long": "106.9"}
    answer = wait_until(
        lambda: (got := ask(empty.address + "/open311/v2/requests.json", given, form="yes")).status < 400 and got,
        within=25,
        why="the field and the key are known",
    )
    assert re.fullmatch(r"\d\d-\d{6}-\d", answer.json[0]["service_request_id"])


def test_the_built_in_inboxes_are_seen_and_renamed_and_the_calendars_are_there(
    empty: Product, chi: str, person
) -> None:
    admin = person(empty, chi, SECRET)
    page = admin.at("/setup/inboxes/")
    assert page.locator("tbody tr").count() == 5
    save(admin.at("/setup/inboxes/counter/edit"), **{"inbox-label": "Bộ phận Một cửa"})
    assert "Bộ phận Một cửa" in admin.at("/setup/inboxes/").inner_text("main")
    assert admin.page.locator("text=Bộ phận Một cửa").count()
    admin.at("/setup/inboxes/counter/")
    assert admin.page.locator("form[action*=switch], [value=remove]").count() == 0
    assert {"Giờ hành chính", "Ngày và đêm, cả tuần"} <= set(
        admin.at("/setup/deadlines/new").locator("[name=calendar] option").all_inner_texts()
    )


# --- Passwords, in a real browser -------------------------------------------------------------------------------------


def newcomer(admin: Person, name: str, role: str) -> str:
    """Adds a person; the one-time password that the page shows."""
    save(admin.at("/setup/people/new"), username=name, full_name=name.title(), role=role)
    return admin.page.inner_text(".secret").strip()


def own_password(who: Person, old: str, new: str) -> None:
    """Chooses an own password at /password, where a one-time one leads to."""
    wait_until(lambda: who.path == "/password")
    page = who.page
    asked = len(who.requests)
    page.wait_for_load_state("networkidle")
    assert page.locator("input[type=password]").count() == 3
    assert len(who.requests) - asked < 40  # it does not load itself again and again
    who.expect("422")
    for chosen in (old, new):  # the one that was handed over is not one's own
        page.fill("[name=old_password]", old)
        page.fill("[name=new_password1]", chosen)
        page.fill("[name=new_password2]", chosen)
        with page.expect_navigation():
            page.press("[name=new_password2]", "Enter")
        assert (who.path == "/password") == (chosen == old), page.inner_text("main")
    assert who.path not in ("/password", "/login"), page.inner_text("main")


@pytest.mark.parametrize(("name", "role", "size"), [("sen", "operator", "desk"), ("thu", "reviewer", "phone")])
def test_somebody_new_signs_in_chooses_forgets_and_comes_back(
    empty: Product, chi: str, person, name: str, role: str, size: str
) -> None:
    admin = person(empty, chi, SECRET, size=size)
    once = newcomer(admin, name, role)
    here = person(empty, size=size)
    here.sign_in(name, once)
    here.expect(r"403 \(Forbidden\) \(.*/live\)")  # a window may ask for news just when its session ends
    other = here.window()  # a second window opened before the password was changed
    own_password(here, once, SECRET)
    other.goto(here.address + "/desk/")
    here.sign_out()
    here.sign_in(name, SECRET)
    # forgotten: the administrator makes a new one; the open window is led to sign in, whole
    admin.at(f"/setup/people/{name}/")
    with admin.page.expect_navigation():
        admin.page.click("button[value=password]")
    once = admin.page.inner_text(".secret").strip()
    here.expect("401")
    here.at("/desk/")
    assert here.path == "/login"
    assert here.page.locator("input[type=password]").count() == 1
    here.sign_in(name, once)
    own_password(here, once, SECRET + " 2")
    here.at("/password")
    page = here.page
    page.fill("[name=old_password]", SECRET + " 2")
    page.fill("[name=new_password1]", SECRET + " 3")
    page.fill("[name=new_password2]", SECRET + " 3")
    with page.expect_navigation():
        page.press("[name=new_password2]", "Enter")
    here.sign_out()
    here.sign_in(name, SECRET + " 3")


def test_an_open_page_whose_session_has_ended_leads_to_the_sign_in_and_is_never_filled_with_it(
    empty: Product, chi: str, person
) -> None:
    admin = person(empty, chi, SECRET)
    once = newcomer(admin, "mai", "operator")
    mai = person(empty)
    mai.sign_in("mai", once)
    own_password(mai, once, SECRET)
    mai.expect("401")
    page = mai.at("/desk/new")
    page.wait_for_load_state("networkidle")
    mai.context.clear_cookies(name="sessionid")
    page.fill("[name=text]", "Một người gọi đến nói về tiếng ồn ban đêm.")
    wait_until(lambda: mai.path == "/login")
    assert page.locator("input[type=password]").count() == 1


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_people_of_a_list_come_in_by_their_invitations(
    empty: Product, chi: str, person, tmp_path: Path, size: str
) -> None:
    admin = person(empty, chi, SECRET)
    page = admin.at("/setup/imports/")
    name = {"desk": "Lý Thị Bàn", "phone": "Lý Thị Máy"}[size]
    (tmp_path / "people.csv").write_text(
        f"Họ và tên;Vai trò;Email\n{name};Tổng đài viên;{size}@tinh.example\n", "utf-8"
    )
    page.locator("[name=what][value=people]").check(force=True)
    page.set_input_files("[name=file]", tmp_path / "people.csv")
    with page.expect_navigation():
        page.locator("form:has([name=file]) button.btn-primary").click()
    page.locator("button[value=apply]").click(timeout=60_000)
    with page.expect_download() as download:
        page.locator("form[action$='invitations.csv'] .btn-primary").click(timeout=60_000)
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        ((_, username, *_, link),) = [*csv.reader(file)][1:]
    here = person(empty, size=size)
    choose(here.at(link))
    here.see("Đã đặt mật khẩu")
    here.sign_in(username, SECRET)
    assert here.path == "/desk/"
    here.expect("404")
    assert here.at(link).locator("[name=password]").count() == 0, "an invitation is good once"


# --- A stranger at the sign-in page -----------------------------------------------------------------------------------


def knock(
    product: Product, name: str, password: str, source: str, *, behalf: str = "", mark: str = ""
) -> tuple[int, str]:
    """Signs in as a program at an address of this machine (on behalf of another address, as a proxy says it); the
    status, and the mark that the browser of a person keeps."""
    line = http.client.HTTPConnection("127.0.0.1", product.port, timeout=60, source_address=(source, 0))
    said = {"X-Forwarded-For": behalf} if behalf else {}
    line.request("GET", "/login", headers=said)
    answer = line.getresponse()
    answer.read()
    token = SimpleCookie(answer.headers["Set-Cookie"])["csrftoken"].value
    cookie = f"csrftoken={token}" + (f"; browser={mark}" if mark else "")
    form = urlencode({"username": name, "password": password, "csrfmiddlewaretoken": token})
    line.request(
        "POST",
        "/login",
        form,
        {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, **said},
    )
    answer = line.getresponse()
    answer.read()
    cookies = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie") or []))
    line.close()
    return answer.status, cookies["browser"].value if "browser" in cookies else ""


def test_behind_the_named_proxy_a_stranger_is_stopped_and_the_person_is_not(empty: Product, chi: str) -> None:
    tries = [knock(empty, chi, "x", PROXY, behalf="198.51.100.66")[0] for _ in range(11)]
    assert tries[-1] == 429, tries
    assert knock(empty, chi, SECRET, PROXY, behalf="10.20.30.40")[0] == 302


def test_without_a_proxy_a_stranger_is_stopped_and_the_person_is_not_whatever_the_stranger_pretends(
    empty: Product, chi: str
) -> None:
    tries = [knock(empty, chi, "x", "127.0.0.2", behalf=f"10.0.0.{n}")[0] for n in range(11)]
    assert tries[-1] == 429, tries
    assert knock(empty, chi, SECRET, "127.0.0.3")[0] == 302


def test_behind_a_proxy_that_nobody_named_a_browser_that_is_known_still_comes_in(
    empty: Product, chi: str, browser: Browser
) -> None:
    person = Person(browser, empty.address, extra_http_headers={"X-Forwarded-For": "10.20.30.40"})
    person.sign_in(chi, SECRET)
    mark = next(one["value"] for one in person.context.cookies(f"{empty.address}/login") if one["name"] == "browser")
    person.close()
    tries = [knock(empty, chi, "x", "127.0.0.5", behalf="198.51.100.66")[0] for _ in range(11)]
    assert tries[-1] == 429, tries
    assert knock(empty, chi, SECRET, "127.0.0.5", behalf="10.20.30.40", mark=mark)[0] == 302


def test_many_names_from_one_address_are_stopped(empty: Product) -> None:
    assert 429 in [knock(empty, f"cb-{n}", "demo1022!", "127.0.0.6")[0] for n in range(35)]


# --- The last evening: backup and restore -----------------------------------------------------------------------------


def own_address(home: Path) -> str:
    """The embedded server of a running home, as if it were one of its own."""
    return f"postgresql://caunoi@/caunoi?host={home}/postgres&port=5432"


@pytest.fixture(scope="module")
def kept(empty: Product, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the running product, written into a folder that others can enter."""
    folder = tmp_path_factory.mktemp("kept") / "backup"
    folder.mkdir(mode=0o755)
    for name in ("log_key.pem", "push_key.pem"):  # as the first hour's log and the first subscription make them
        if not (empty.home / name).exists():
            (empty.home / name).write_text("-----BEGIN PRIVATE KEY-----")
            (empty.home / name).chmod(0o600)
    done = empty.shell("backup", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def test_a_backup_holds_every_key_and_only_its_owner_reads_it(empty: Product, kept: Path) -> None:
    assert {"secret_key", "log_key.pem", "push_key.pem", "database.dump"} <= {path.name for path in kept.iterdir()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in [kept, *kept.rglob("*")]} <= {0o700, 0o600}


def test_a_restore_never_works_under_a_running_product(empty: Product, kept: Path, tmp_path: Path) -> None:
    done = empty.shell("restore", str(kept), "--force")
    assert (done.returncode, "running" in done.stderr) == (1, True)
    other = {"CAUNOI_HOME": str(tmp_path / "other"), "DATABASE_URL": own_address(empty.home)}
    done = empty.shell("restore", str(kept), "--force", **other)
    assert (done.returncode, "in use" in done.stderr) == (1, True), done.stderr
    assert empty.ask("/health/ready").status == 200


def test_the_embedded_province_moves_to_a_server_of_its_own_and_what_was_there_is_kept(
    empty: Product, kept: Path, tmp_path: Path
) -> None:
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not tools:
        pytest.skip("no PostgreSQL of the system's own")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    if who:
        shutil.chown(folder, "postgres", "postgres")
    port = free_port()

    def run(program: str, *words: str) -> None:
        subprocess.run([tools[0].parent / program, *words], check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)

    run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    options = f"-p {port} -k {folder} -c fsync=off"
    run("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
    try:
        own = {"CAUNOI_HOME": str(tmp_path / "own"), "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{port}/postgres"}
        done = empty.shell("restore", str(kept), **own)
        assert done.returncode == 0, done.stderr
        again = empty.shell("restore", str(kept), **own)
        assert (again.returncode, "--force" in again.stderr) == (1, True)
        forced = empty.shell("restore", str(kept), "--force", **own)
        assert forced.returncode == 0, forced.stderr
        aside = Path(forced.stdout.rsplit(" ", 1)[1].strip())
        assert (aside / "database.dump").stat().st_size > 10_000
        assert empty.shell("admin", "doi", "--json", **own).returncode == 0  # it is the product's, and works
    finally:
        run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


# --- Mail to people ---------------------------------------------------------------------------------------------------


def test_a_mail_address_is_set_by_clicking_and_the_pages_say_whom_mail_reaches(
    empty: Product, chi: str, person
) -> None:
    admin = person(empty, chi, SECRET)
    newcomer(admin, "phong", "leader")
    assert "Lãnh đạo tỉnh: 0 trên 1 người có địa chỉ thư" in admin.at("/setup/options/").inner_text("main")
    save(admin.at("/setup/people/phong/"), email="phong@tinh.example")
    assert admin.at("/setup/people/phong/").input_value("[name=email]") == "phong@tinh.example"
    assert "Lãnh đạo tỉnh: 1 trên 1 người có địa chỉ thư" in admin.at("/setup/options/").inner_text("main")
    assert "1 trên 1 người có địa chỉ thư" in admin.at("/setup/alerts/new").inner_text("main")
