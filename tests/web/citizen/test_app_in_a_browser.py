"""The app in a real Chromium: written without a network, killed, opened again, in two windows, sent once.

Proves: Photos smaller before sending (2048 px, EXIF gone, turned upright; HEIC passes) everywhere there is a file
picker"""

import io
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from django.db import connections
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from caunoi.tickets.models import Ticket
from tests.browser import Screen

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAITING = "Đang chờ có mạng."
STORED = """async () => {
  const done = (asked) => new Promise((tell) => { asked.onsuccess = () => tell(asked.result); });
  const base = await done(indexedDB.open("caunoi", 1));
  const rows = await done(base.transaction("reports").objectStore("reports").getAll());
  base.close();
  return Promise.all(rows.map(async (row) => ({ state: row.state, text: row.fields.text ?? "",
    photos: await Promise.all(
      row.photos.map(async (photo) => [...new Uint8Array(await photo.data.arrayBuffer())])) })));
}"""


@pytest.fixture
def camera() -> bytes:
    """A large photo as a phone takes it, with the place where it was taken."""
    picture, out = Image.effect_noise((2400, 1800), 20).convert("RGB"), io.BytesIO()
    marks = Image.Exif()
    marks[0x010F], marks[0x0112] = "Nokia", 6
    marks.get_ifd(0x8825)[1] = "N"
    picture.save(out, "JPEG", quality=92, exif=marks)
    return out.getvalue()


@pytest.fixture
def phone(screens: Callable[..., Screen]) -> Screen:
    return screens(size="phone", geolocation={"latitude": 11.52, "longitude": 106.9}, permissions=["geolocation"])


def open_app(screen: Screen) -> Page:
    """The app's page, with its worker in charge and its files on the device."""
    page = screen.go("/app")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return page


def offline(context: BrowserContext, cut: bool) -> None:
    """Without a network, for the pages and for the worker."""
    context.set_offline(cut)


def write(page: Page, text: str) -> None:
    page.fill("[name=text]", text)
    page.check("[name=consent]")


def keep(page: Page) -> None:
    page.get_by_role("button", name="Lưu và gửi").click()


def count() -> int:
    try:
        return Ticket.objects.count()
    finally:
        connections.close_all()


def test_written_without_a_network_it_is_sent_once_when_there_is_one(phone: Screen) -> None:
    page = open_app(phone)
    phone.look("app")
    offline(phone.context, True)
    page.reload()  # from the device
    expect(page.get_by_role("heading", level=1)).to_have_text("Viết ngay, có mạng thì tự gửi")
    write(page, "Cây đổ chắn đường")
    page.get_by_role("button", name="Chỗ tôi đang đứng").click()
    expect(page.locator("#id_lat")).to_have_value("11.520000")
    keep(page)
    expect(page.locator("[data-app-list]")).to_contain_text(WAITING)
    page.get_by_role("button", name="Xóa").click()
    expect(page.locator("[data-app-list] li")).to_have_count(0)
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator("[data-app-list]")).to_contain_text(WAITING)
    page.close()  # killed
    offline(phone.context, False)
    again = phone.context.new_page()
    again.goto("/app")
    expect(again.locator("[data-app-list]")).to_contain_text("Đã gửi. Phiếu của anh/chị là", timeout=15_000)
    assert again.evaluate(STORED) == [{"state": "sent", "text": "", "photos": []}]
    again.reload()
    assert count() == 1


def test_two_windows_at_once_send_it_once(phone: Screen) -> None:
    page = open_app(phone)
    offline(phone.context, True)
    for number in range(3):
        write(page, f"Đèn số {number} tắt")
        keep(page)
        expect(page.locator("[data-app-list] li")).to_have_count(number + 1)
    other = phone.context.new_page()
    other.goto("/app")
    offline(phone.context, False)
    for window in (page, other):
        window.evaluate("dispatchEvent(new Event('online'))")
    for window in (page, other):
        expect(window.locator("[data-app-list] li[data-state=sent]")).to_have_count(3, timeout=15_000)
    assert count() == 3


def test_photos_wait_small_and_without_their_place_and_arrive(phone: Screen, camera: bytes) -> None:
    page = open_app(phone)
    offline(phone.context, True)
    page.set_input_files("#id_photos", {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": camera})
    expect(page.locator(".picker-item")).to_have_count(1)
    write(page, "Ổ gà lớn")
    keep(page)
    expect(page.locator("[data-app-list]")).to_contain_text(WAITING)
    (row,) = page.evaluate(STORED)
    data = bytes(row["photos"][0])
    with Image.open(io.BytesIO(data)) as kept:
        assert max(kept.size) == 2048 and kept.height > kept.width  # turned as it was held
        assert not dict(kept.getexif())
    assert len(data) < len(camera)
    offline(phone.context, False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-app-list] li[data-state=sent]")).to_have_count(1, timeout=15_000)
    try:
        assert Ticket.objects.get().photos.count() == 1
    finally:
        connections.close_all()


def test_what_the_hotline_cannot_take_is_mended_and_sent_under_the_same_id(phone: Screen) -> None:
    page = open_app(phone)
    write(page, "Đèn tắt")
    page.fill("[name=phone]", "0112 345 678")
    keep(page)
    expect(page.locator("[data-app-list] .field-error")).to_contain_text("Số điện thoại")
    expect(page.locator("[data-app-said]")).to_contain_text("Số điện thoại")
    page.locator("[data-app-said]").get_by_role("button", name="Sửa").click()
    expect(page.locator("[name=text]")).to_have_value("Đèn tắt")
    page.fill("[name=phone]", "0900 000 001")
    keep(page)
    expect(page.locator("[data-app-list] li[data-state=sent]")).to_have_count(1, timeout=15_000)
    assert count() == 1


def test_other_pages_lead_to_the_app_without_a_network_and_are_never_kept(phone: Screen, town: SimpleNamespace) -> None:
    page = open_app(phone)
    page.goto("/register")
    offline(phone.context, True)
    page.goto("/report")
    expect(page.get_by_role("button", name="Lưu và gửi")).to_be_visible()
    phone.context.add_cookies([{"name": "language", "value": "en", "url": phone.url}])
    page.goto("/report")
    expect(page.get_by_role("button", name="Save and send")).to_be_visible()
    kept = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await "
        "caches.open(name)).keys()).map("
        "(request) => new URL(request.url).pathname)))).flat()"
    )
    assert [path for path in kept if not path.startswith("/static/dist/")] == ["/app", "/app"]


@pytest.fixture
def staff(screens: Callable[..., Screen]) -> Iterator[Screen]:
    yield screens("lan")


def test_pages_of_the_staff_are_not_answered_by_the_worker(staff: Screen) -> None:
    open_app(staff)
    page = staff.go("/desk/")
    expect(page.locator("#queue-list")).to_be_visible()
    offline(staff.context, True)
    for address in ("/desk/", "/notices/", "/quality/mine"):
        with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
            page.goto(address)


def test_a_new_version_of_the_worker_loses_nothing_that_waits(phone: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_app(phone)
    offline(phone.context, True)
    write(page, "Đèn tắt")
    keep(page)
    expect(page.locator("[data-app-list]")).to_contain_text(WAITING)
    write(page, "Đang viết dở")
    page.wait_for_timeout(600)  # draft.js keeps what is typed
    monkeypatch.setattr("caunoi.web.citizen.app.VERSION", "next")
    phone.context.route("**/app/send", lambda route: route.abort())
    offline(phone.context, False)
    page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
    with page.expect_navigation():
        page.get_by_role("button", name="Tải bản mới").click()
    expect(page.locator("[name=text]")).to_have_value("Đang viết dở")
    assert len(page.evaluate(STORED)) + count() >= 1
    expect(page.locator("[data-app-list] li")).to_have_count(1)
