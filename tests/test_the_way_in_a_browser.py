"""The three stories of test_the_way.py as people live them: each at a browser of their own, on the whole product."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def picture(name, colour):
    """A photo as a camera gives it, with a name."""
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize((640, 480))
    Image.merge("RGB", [image.point(lambda v, c=c: v * c // 255) for c in colour]).save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


DARK, LIT = picture("truoc.jpg", (60, 60, 120)), picture("sau.jpg", (255, 220, 120))


def four_numbers(page):
    """What the board counts: on time, late, open within, open overdue; and the total."""
    parts = [int(text) for text in page.locator(".legend .num").all_inner_texts()]
    total = int(page.get_by_role("link", name="Xem cả").inner_text().split()[2])
    assert sum(parts) == total
    return parts


def test_the_guard_and_the_dead_lamps(town, screens, worker):
    """Told on the phone, written while he speaks, mended, seen and rated."""
    town.users["lan"].set_password("a guard at the monument")
    town.users["lan"].save()
    lan = screens()
    page = lan.go("/desk/new")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill("a guard at the monument")
    lan.clean("1-01-sign-in")
    page.get_by_role("button", name="Đăng nhập").click()

    page.get_by_label("Số điện thoại").fill("0900 000 001")
    page.get_by_label("Họ tên").fill("Bảo vệ Demo")
    page.locator("#id_text").fill(
        "Đèn ở tượng đài chiến thắng Đồng Xoài không sáng mấy hôm nay, anh bảo vệ tên Tư, số 0900 000 001 báo."
    )
    page.locator("#id_summary").fill("Đèn tượng đài chiến thắng Đồng Xoài không sáng")
    page.locator("#id_address").fill("Tượng đài chiến thắng Đồng Xoài, phường Bình Phước")
    page.locator("#id_category").select_option("lamps")
    hints = page.locator("#hints")
    expect(hints).to_contain_text("Phường Bình Phước")
    expect(hints).to_contain_text("Xí nghiệp Công trình công cộng")
    page.locator("input[name=photos]").set_input_files([DARK])
    page.get_by_label("Chuyển cho đơn vị").check()
    lan.clean("1-02-writing")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/26-*/")
    worker()
    page.reload()
    expect(page.locator("#ticket")).to_contain_text("Xí nghiệp Công trình công cộng")
    lan.clean("1-03-handed-over")
    code = page.url.rstrip("/").rsplit("/", 1)[1]
    link = page.get_by_role("link", name="Trang người dân theo dõi").get_attribute("href")

    minh = screens("minh", size="phone")
    page = minh.go("/agency/")
    minh.clean("1-04-work")
    page.get_by_role("link", name="Đèn tượng đài").click()
    expect(page.locator("#ticket")).not_to_contain_text("0900 000 001")  # the reporter is not the agency's to know
    minh.clean("1-05-to-take-on")
    page.locator(".action-bar .btn-primary").click()
    expect(page.locator(".action-bar .btn-primary")).to_contain_text("kết quả")
    page.locator(".action-bar .btn-primary").click()
    page.locator("input[name=result-before]").set_input_files([DARK])
    page.locator("input[name=result-after]").set_input_files([LIT])
    page.get_by_label("Nội dung trả lời người dân").fill("Đã thay 4 bóng đèn ở tượng đài, tối nay sáng lại.")
    minh.clean("1-06-result")
    page.locator(".action-bar .btn-primary").click()
    page.wait_for_url(f"**/agency/{code}/*")
    minh.clean("1-07-result-in")
    worker()

    hoa = screens("hoa", size="phone")
    page = hoa.go("/agency/?stage=approve")
    page.get_by_role("link", name="Đèn tượng đài").click()
    hoa.clean("1-08-to-approve")
    page.locator(".action-bar .btn-primary").click()
    page.wait_for_url(f"**/agency/{code}/*")
    hoa.clean("1-09-approved")
    worker()

    guard = screens(size="phone")
    page = guard.go(link)
    expect(page.locator("h1")).to_have_text("Anh/chị đã có câu trả lời")
    expect(page.locator("#story + .card")).to_contain_text("Xí nghiệp Công trình công cộng")
    slider = page.get_by_label("So sánh trước và sau")
    slider.fill("20")
    guard.clean("1-10-followed")
    page.locator(".rating label", has_text="Hài lòng").first.click()
    page.get_by_label("Nhanh", exact=True).check()
    page.get_by_role("button", name="Gửi đánh giá").click()
    expect(page.locator("#main")).to_contain_text("Cảm ơn")
    guard.clean("1-11-rated")
    worker()

    page = guard.go(f"/p/{code}")
    expect(page.locator("#main")).to_contain_text("Đã thay 4 bóng đèn ở tượng đài")
    expect(page.locator("#main")).not_to_contain_text("0900 000 001")
    guard.clean("1-12-public")

    phong = screens("phong")
    page = phong.go("/board/")
    phong.ready()
    assert four_numbers(page) == [1, 0, 0, 0]
    phong.clean("1-13-board")
