"""A province that grows: its files move from one machine's folder into a bucket that two machines share.

Proves: photos taken before and after are shown on either machine while they move, and afterwards; every file is
compared with what was written, and one that is spoilt or gone is named; while the S3 server is away a report is taken
without its photo, pages say so with 503, and the doctor names it"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cluster import Server
from playwright.sync_api import Browser
from stage import Person, Product, wait_until
from test_citizen_day import photo

from tests.providers import s3
from tests.providers.s3 import S3

pytestmark = pytest.mark.long(minutes=8)
PICTURE = re.compile(r'src="(/files/[^"]+)"')


@dataclass
class Town:
    """Two hosts at one database, and the S3 server that they are to share."""

    first: Product
    second: Product
    bucket: S3
    old: str = ""  # the page of a report with a photo from before


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    place = tmp_path_factory.mktemp("hosts")
    with s3.serve() as bucket, Server() as server:
        environ = {"DATABASE_URL": server.url(), "CAUNOI_DEMO": "1"}
        first, second = (Product(place / name, dict(environ)) for name in ("first", "second"))
        try:
            yield Town(first, second, bucket)
        finally:
            for one in (first, second):
                one.stop()


def with_photo(citizen: Person, words: str) -> str:
    """A report with a photo by the steps of the web; the address of its page."""
    page = citizen.at("/report")
    page.fill("[name=text]", words)
    for _step in range(5):
        if "/f/" in citizen.onward().url:
            break
        if page.locator("#id_photos").count():
            page.set_input_files("#id_photos", [photo("den.jpg", 40)])
        if page.locator("[name=consent]").count():
            page.check("[name=consent]")
    return page.url.partition("?")[0].removeprefix(citizen.address)


def seen(product: Product, page: str) -> int:
    """How the photo on a report's page is answered."""
    shown = product.ask(page)
    found = PICTURE.search(shown.text)
    assert shown.status == 200 and found, shown.text
    answer = product.ask(found[1].replace("&amp;", "&"))
    assert answer.status != 200 or answer.body[:4] == b"RIFF", "a picture"
    return answer.status


def files(product: Product) -> list[str]:
    folder = product.home / "files"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_on_one_machine_files_lie_in_its_folder(town: Town, person: Callable[..., Person]) -> None:
    town.first.start()
    town.old = with_photo(person(town.first, size="phone"), "Đèn đường tắt trước trường học")
    assert seen(town.first, town.old) == 200
    checked = town.first.shell("store", "check", "--lang", "en")
    assert checked.returncode == 0 and "each as it was written" in checked.stdout, checked.stdout + checked.stderr
    refused = town.first.shell("store", "move", "--lang", "en")
    assert refused.returncode == 2 and "S3_BUCKET" in refused.stderr and "Traceback" not in refused.stderr


def test_with_a_bucket_what_was_there_is_shown_and_what_comes_lies_in_it(
    town: Town, person: Callable[..., Person]
) -> None:
    first, second, before = town.first, town.second, files(town.first)
    first.stop()
    first.environ |= town.bucket.environ
    first.start()
    assert seen(first, town.old) == 200
    page = with_photo(person(first, size="phone"), "Nắp cống bể ở ngã ba chợ")
    assert files(first) == before and len([name for name in town.bucket.names() if name.endswith(".webp")]) == 2
    second.home.mkdir(mode=0o700)
    shutil.copy(first.home / "master_key", second.home / "master_key")
    second.environ |= town.bucket.environ
    second.start()
    assert seen(second, page) == 200, "the other machine shows it"
    assert seen(second, town.old) in (404, 503), "this one still lies in the first one's folder"


def test_files_move_while_people_work(town: Town, person: Callable[..., Person]) -> None:
    first, second = town.first, town.second
    moved = first.shell("store", "move", "--lang", "en")
    assert moved.returncode == 0 and "store move --remove" in moved.stdout, moved.stdout + moved.stderr
    assert seen(second, town.old) == seen(first, town.old) == 200
    again = first.shell("store", "move", "--lang", "en")
    assert again.returncode == 0 and ", 0 carried from" in again.stdout, "twice is once"
    gone = first.shell("store", "move", "--remove", "--lang", "en")
    assert gone.returncode == 0 and files(first) == [], gone.stdout + gone.stderr
    assert seen(first, town.old) == 200
    page = with_photo(person(second, size="phone"), "Cây đổ chắn lối vào hẻm 12")
    assert seen(first, page) == 200 and files(second) == []
    checked = second.shell("store", "check", "--lang", "en")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_what_is_spoilt_or_gone_is_named(town: Town, tmp_path: Path) -> None:
    out = town.first.shell("store", "move", "--out", str(tmp_path / "copy"), "--lang", "en")
    assert out.returncode == 0, out.stderr
    spoilt, gone = sorted(name for name in town.bucket.names() if name.endswith(".webp"))[:2]
    kept = {name: town.bucket.read(name) for name in (spoilt, gone)}
    assert {(tmp_path / "copy" / name).read_bytes() for name in kept} == {*kept.values()}, "a copy of the bucket"
    town.bucket.write(spoilt, kept[spoilt][:-1] + b"!")
    town.bucket.client().delete_object(Bucket=town.bucket.bucket, Key=gone)
    checked = town.first.shell("store", "check", "--lang", "en")
    assert checked.returncode == 1 and f"{spoilt} is not what was written" in checked.stderr, checked.stderr
    assert f"{gone} is missing" in checked.stderr
    for name, data in kept.items():
        town.bucket.write(name, data)
    assert town.first.shell("store", "check").returncode == 0


def test_while_the_server_of_files_is_away_reports_are_taken(
    town: Town, person: Callable[..., Person], browser: Browser
) -> None:
    first = town.first
    first.expect("503 for picture", "S3|caunoi-files|Kho tệp|store")
    town.second.stop()
    first.stop()
    first.environ["S3_ENDPOINT"] = "http://127.0.0.1:9"
    first.start()
    page = first.ask(town.old)
    assert page.status == 200
    found = PICTURE.search(page.text)
    assert found
    answer = first.ask(found[1].replace("&amp;", "&"))
    assert answer.status == 503 and int(answer.headers["retry-after"]) > 0
    citizen = person(first, size="phone")
    citizen.expect("422")  # a photo that cannot be taken is said in its field
    citizen.at("/report")
    citizen.page.fill("[name=text]", "Đường ngập sau mưa lớn")
    for _step in range(3):
        if not citizen.page.locator("#id_photos").count():
            citizen.onward()
    citizen.page.set_input_files("#id_photos", [photo("ngap.jpg", 50)])
    citizen.onward()
    assert "Hiện chưa nhận được ảnh" in citizen.page.inner_text("main"), citizen.page.inner_text("main")
    code, _own = citizen.report("Đường ngập sau mưa lớn, nước tới đầu gối")
    assert re.fullmatch(r"\d\d-\d{6}-\d", code)
    told = first.shell("doctor", "--json")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == 1 and [one["state"] for one in lines if one["check"] == "store"] == ["broken"]
    health = first.ask("/health").json if first.ask("/health").status == 200 else {}
    assert health.get("state") in (None, "degraded")
    first.stop()
    first.environ["S3_ENDPOINT"] = town.bucket.endpoint
    first.start()
    wait_until(lambda: seen(first, town.old) == 200, why="it is back, and so are the photos")
