"""The three stories of test_the_way.py as people live them: each at a browser of their own, on the whole product.

Proves: the three stories, through the pages in Chromium"""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from caunoi.tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.long]


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
    lan.press("Đăng nhập")

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
    link = f"/f/{Ticket.objects.get(code=code).follow}"  # in the citizen's hands only: staff are not shown it

    minh = screens("minh", size="phone")
    page = minh.go("/agency/")
    minh.clean("1-04-work")
    minh.follow("Đèn tượng đài")
    expect(page.locator("#ticket")).not_to_contain_text("0900 000 001")  # the reporter is not the agency's to know
    minh.clean("1-05-to-take-on")
    minh.act("Nhận xử lý")
    minh.act("Gửi kết quả")
    page.locator("input[name=result-before]").set_input_files([DARK])
    page.locator("input[name=result-after]").set_input_files([LIT])
    page.get_by_label("Nội dung trả lời người dân").fill("Đã thay 4 bóng đèn ở tượng đài, tối nay sáng lại.")
    minh.clean("1-06-result")
    minh.act("Gửi kết quả")
    minh.clean("1-07-result-in")
    worker()

    hoa = screens("hoa", size="phone")
    page = hoa.go("/agency/?stage=approve")
    hoa.follow("Đèn tượng đài")
    hoa.clean("1-08-to-approve")
    hoa.act("Duyệt")
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
    guard.press("Gửi đánh giá")
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


def answered(officer, lead, code, words):
    """An agency takes a ticket on, answers it, and its lead lets the answer go."""
    officer.go(f"/agency/{code}/")
    officer.act("Nhận xử lý")
    officer.act("Gửi kết quả")
    officer.page.get_by_label("Nội dung trả lời người dân").fill(words)
    officer.act("Gửi kết quả")
    lead.go(f"/agency/{code}/")
    lead.act("Duyệt")


def move(page, name, **given):
    """Open a move at the desk, fill it in, send it."""
    page.locator(f"#move-{name} > summary").click()
    for field, value in given.items():
        control = page.locator(f"[name={name}-{field}]")
        control.select_option(value) if control.evaluate("e => e.matches('select')") else control.fill(value)
    with page.expect_navigation(wait_until="commit"):  # a toast goes after ten seconds, a map may take as long to load
        page.locator(f"#form-{name} button.btn-primary").click()
    expect(page.locator(".toast-success")).to_be_visible()


def test_the_man_without_papers(town, screens, worker):
    """An old phone without JavaScript, an old address, a question back, an answer, and a look before it is
    published."""
    man = screens(size="phone", scripts=False)
    page = man.go("/report?kind=question")
    words = "Tôi ở thôn 9, xã Đức Liễu, huyện Bù Đăng, lớn lên trong trại trẻ, không có hộ khẩu nên không làm căn cước."
    page.locator("#id_text").fill(words)
    man.clean("2-01-what")
    man.press("Hỏi nhân viên tổng đài")
    page.locator("#id_name").fill("Người Demo")
    page.get_by_label("Số điện thoại").fill("0900 000 002")
    page.get_by_label("Tôi đã đọc và đồng ý").check()
    man.clean("2-04-you")
    man.press("Tiếp tục")
    expect(page.locator("#main")).to_contain_text("thôn 9, xã Đức Liễu, huyện Bù Đăng")
    man.clean("2-05-check")
    man.press("Gửi câu hỏi")
    code = page.locator(".sent .code").inner_text()
    man.clean("2-06-sent")
    follow = page.url.split("?")[0].removeprefix(man.url)
    worker()

    lan = screens("lan")
    desk = lan.go("/desk/")
    desk.get_by_role("link", name="không có hộ khẩu").click()
    expect(desk.locator("#ticket-context")).to_contain_text("Xã Nghĩa Trung")  # since 2025
    move(desk, "ask", question="Anh có giấy khai sinh không?")
    lan.clean("2-07-asked")
    worker()

    page = man.go(follow)
    expect(page.locator("#asked + p")).to_have_text("Anh có giấy khai sinh không?")
    man.clean("2-08-question")
    page.get_by_label("Nội dung gửi chúng tôi").fill("Tôi có giấy xác nhận của trại trẻ.")
    man.press("Gửi")
    man.clean("2-09-replied")
    worker()

    desk = lan.go(f"/desk/{code}/")
    expect(desk.locator("#ticket")).to_contain_text("Tôi có giấy xác nhận của trại trẻ.")
    move(desk, "accept", category="identity")
    worker()
    desk.reload()
    proposed = desk.locator("[name=route-agency] optgroup option").first
    expect(proposed).to_have_text("UBND Xã Nghĩa Trung")
    lan.clean("2-10-accepted")
    move(desk, "route")
    worker()

    binh, yen = screens("binh", size="phone"), screens("yen", size="phone")
    answered(binh, yen, code, "Mời anh đến Công an xã Nghĩa Trung, mang giấy xác nhận của cơ sở nuôi dưỡng.")
    yen.clean("2-11-approved")
    worker()

    anybody = screens(size="phone")
    assert anybody.page.request.get(f"{anybody.url}/p/{code}").status == 404  # papers are published after a look
    thu = screens("thu")
    page = thu.go("/desk/publish/")
    thu.follow("không có hộ khẩu")
    thu.clean("2-12-look")
    thu.press("Công khai")
    thu.clean("2-13-published")
    expect(anybody.go(f"/p/{code}").locator("#main")).to_contain_text("Mời anh đến Công an xã Nghĩa Trung")
    anybody.clean("2-14-public")

    page = man.go(follow)
    man.press("Chỉ đóng phiếu")
    expect(page.locator("#main")).to_contain_text("Đã đóng")
    man.clean("2-15-closed")


def test_the_neighbours_karaoke(town, screens, worker):
    """Reported without a name, seen at the desk at once, the neighbour masked; not content, and so open again and
    late."""
    lan = screens("lan")
    desk = lan.go("/desk/")
    expect(desk.locator("body[data-live-state=open]")).to_be_attached()
    lan.clean("3-01-nothing")

    she = screens(size="phone")
    page = she.go("/report")
    page.locator("#id_text").fill("Nhà anh Bảy Rô số 12/4 hẻm 3 hát karaoke tới khuya, không ai ngủ được.")
    she.press("Tiếp tục")
    she.ready()
    page.locator("[data-map] canvas").click()
    expect(page.locator("#id_lat")).not_to_have_value("")
    page.get_by_text("Nhập tọa độ").click()
    page.locator("#id_lat").fill("11.52")
    page.locator("#id_long").fill("106.9")
    page.keyboard.press("Tab")
    she.clean("3-02-pin")
    she.press("Tiếp tục")
    she.press("Tiếp tục")
    page.get_by_label("Tôi đã đọc và đồng ý").check()
    she.press("Tiếp tục")
    she.clean("3-03-check")
    she.press("Gửi phản ánh")
    code = page.locator(".sent .code").inner_text()
    expect(page.locator("body[data-live-state=open]")).to_be_attached()
    she.clean("3-04-sent")
    worker()

    new = desk.locator("#queue-list").get_by_role("link", name="hát karaoke")
    expect(new).to_be_visible()  # nobody reloaded
    lan.clean("3-05-appeared")
    new.click()
    expect(desk.locator("#ticket-context")).to_contain_text("Phường Bình Phước")
    lan.ready()
    lan.clean("3-06-read")
    move(desk, "accept", category="noise")
    move(desk, "route", agency="ubnd-25195")
    lan.clean("3-07-handed-over")
    worker()
    expect(page.locator("#main")).to_contain_text("UBND Phường Bình Phước")  # her page follows by itself

    dung, van = screens("dung", size="phone"), screens("van", size="phone")
    answered(dung, van, code, "Đã nhắc nhở chủ hộ.")
    worker()
    thu = screens("thu")
    thu.go(f"/desk/publish/{code}/")
    thu.clean("3-08-look")
    thu.press("Công khai")
    public = screens().go(f"/p/{code}")
    expect(public.locator("h1")).to_contain_text("Nhà anh [tên] số [số nhà] hẻm 3 hát karaoke")

    expect(page.locator("#answer + p")).to_have_text("Đã nhắc nhở chủ hộ.")
    page.locator(".rating label", has_text="Không hài lòng").click()
    page.get_by_label("Chưa giải quyết").check()
    she.clean("3-09-not-content")
    she.press("Gửi đánh giá")
    page.get_by_text("Việc chưa xong? Mở lại phiếu").click()
    page.get_by_label("Điều gì còn chưa ổn?").fill("Tối nay lại hát.")
    she.clean("3-10-not-right")
    she.press("Mở lại")
    she.clean("3-11-open-again")
    worker()
    expect(new).to_be_visible()
    desk = lan.go(f"/desk/{code}/")
    expect(desk.locator("#ticket")).to_contain_text("Tối nay lại hát.")
    move(desk, "answer", text="Công an phường đã lập biên bản.")
    lan.clean("3-12-answered")
    worker()

    phong = screens("phong")
    board = phong.go("/board/")
    phong.ready()
    assert four_numbers(board) == [0, 1, 0, 0]
    phong.clean("3-13-late")
