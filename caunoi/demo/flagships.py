"""Three true stories from the newspaper about the source's hotline, retold among the demo's newest tickets."""

from datetime import datetime, timedelta

from caunoi.demo.cast import Cast
from caunoi.demo.hours import VIETNAM, after
from caunoi.demo.stories import PART, Grade, Pictures, Script, Story, cut, helped, with_photos
from caunoi.events.actor import Actor, citizen
from caunoi.tickets.report import History, Report, Reporter

MONUMENT, NGHIA_TRUNG = "25195", "25417"  # communes
MONUMENT_POINT = (11.5352, 106.8926)


def flagships(cast: Cast, pictures: Pictures, until: datetime) -> list[Story]:
    """Lamps at the monument (solved, with photos), a man without papers (solved), karaoke at night (under way)."""
    return [_lamps(cast, pictures, until), _papers(cast, until), _karaoke(cast, until)]


def _operator(cast: Cast, name: str) -> Actor:
    return next(o for o in cast.operators if o.name == name)


def _days_ago(until: datetime, days: int, hour: int, minute: int) -> datetime:
    """An hour in Vietnam so many days before."""
    return (until.astimezone(VIETNAM) - timedelta(days=days)).replace(hour=hour, minute=minute, second=8)


def _lamps(cast: Cast, pictures: Pictures, until: datetime) -> Story:
    at = _days_ago(until, 5, 19, 35)
    h, lan, works = Script(at=at), _operator(cast, "lan"), cast.agencies["xncongtrinh"]
    minh, hoa = cast.officers[works.pk], cast.leads[works.pk]
    area = next(a for a in cast.map.areas if a.code == MONUMENT)
    report = Report(
        text="Tôi là bảo vệ ở Tượng đài Chiến thắng Đồng Xoài. Dàn đèn chiếu lên tượng đài và bốn cột đèn quanh sân "
        "không sáng đã "
        "ba đêm nay. Tối nào bà con cũng ra đây dạo mát, trẻ con chơi đông mà tối om, tôi phải cầm đèn pin đi vòng "
        "quanh. "
        "Mấy hôm nữa có đoàn về viếng nên mong anh chị cho người sửa sớm.",
        channel="phone",
        once="demo-flagship-lamps",
        category_id=cast.categories["lamps"].pk,
        area_id=area.pk,
        address="Tượng đài Chiến thắng Đồng Xoài, đường Phú Riềng Đỏ, Phường Bình Phước",
        latitude=MONUMENT_POINT[0],
        longitude=MONUMENT_POINT[1],
        summary="Đèn chiếu sáng Tượng đài Chiến thắng Đồng Xoài không sáng đã ba đêm",
        reporter=Reporter(name="Bảo vệ Văn Demo", phone="+84900000101"),
        photos=[pictures["monument-dark"][0]],
        consent=cast.consent,
    )
    h.then("accept", at + timedelta(minutes=2), lan, category=cast.categories["lamps"])
    h.then("route", h.at + timedelta(minutes=2), lan, agency=works, note="Nơi đông người buổi tối, nhờ đơn vị xem sớm.")
    h.then("leg_accept", after(h.at, 25), minh)
    h.then("start", after(h.at, 60), minh)
    text = (
        f"Ngày {after(h.at, 200):%d/%m}, tổ chiếu sáng đã kiểm tra tại chỗ cùng bác bảo vệ: cáp ngầm vào tủ điều "
        f"khiển bị đứt do "
        "chuột cắn. Chúng tôi đã nối lại cáp, thay hai đèn pha và sáu bóng quanh sân; đèn sáng bình thường từ tối "
        "cùng ngày. "
        "Cảm ơn bác đã báo và giữ hiện trường giúp."
    )
    h.then("result", after(h.at, 300), minh, text=text)
    answered = h.then("approve", after(h.at, 40), hoa)
    photos = [(pictures["monument-dark"][1], "before"), (pictures["monument-lit"][1], "after")]
    acts = with_photos(cut(h.acts, until, ""), photos)
    history = History(report=report, at=at, by=lan, acts=acts)
    comment = "Đèn sáng đẹp lắm, bà con ra chơi lại đông vui. Cảm ơn mấy chú."
    rating = Grade(grade="satisfied", reasons=["fast", "solved"], comment=comment, at=answered + timedelta(hours=3))
    return Story(number=-1, history=history, rating=rating if rating.at <= until else None)


def _papers(cast: Cast, until: datetime) -> Story:
    at = _days_ago(until, 11, 9, 12)
    h, dao, police = Script(at=at), _operator(cast, "dao"), cast.agencies["qlhc"]
    officer, lead = cast.officers[police.pk], cast.leads[police.pk]
    area = next(a for a in cast.map.areas if a.code == NGHIA_TRUNG)
    address = "thôn 9, xã Đức Liễu, huyện Bù Đăng"
    report = Report(
        text=f"Dạ tôi ở {address}. Tôi lớn lên trong trung tâm bảo trợ, không biết cha mẹ là ai nên không có sổ hộ "
        f"khẩu. Nay tôi 34 "
        "tuổi mà chưa có căn cước, đi làm công ty không ai nhận, đau bệnh cũng không mua được bảo hiểm. Tôi lên công "
        "an xã hỏi "
        "thì được trả lời phải có hộ khẩu mới làm được. Xin tổng đài chỉ giúp tôi phải bắt đầu từ đâu, tôi chỉ mong "
        "có tấm "
        "giấy để con tôi đi học không bị hỏi.",
        channel="phone",
        once="demo-flagship-papers",
        category_id=cast.categories["identity"].pk,
        area_id=area.pk,
        address=address,
        summary="Người lớn lên ở trung tâm bảo trợ, không có hộ khẩu nên chưa được cấp căn cước",
        reporter=Reporter(name="Điểu Văn Thử", phone="+84900000102", address=address),
        consent=cast.consent,
    )
    h.then("accept", at + timedelta(minutes=3), dao, category=cast.categories["identity"])
    note = "Người dân không có sổ hộ khẩu; đề nghị hướng dẫn theo Luật Cư trú, không yêu cầu giấy tờ không có được."
    h.then("route", h.at + timedelta(minutes=4), dao, agency=police, note=note)
    h.then("leg_accept", after(h.at, 50), officer)
    h.then("start", after(h.at, 90), officer)
    text = (
        "Phòng đã cùng công an và UBND xã Nghĩa Trung (xã Đức Liễu cũ) đến gặp anh tại nhà. Hồ sơ ở trung tâm bảo trợ "
        "đủ để khai "
        "sinh quá hạn; UBND xã đã cấp trích lục khai sinh, công an xã đã đăng ký thường trú và thu nhận hồ sơ căn "
        "cước tại chỗ. "
        f"Thẻ sẽ được trao tận tay trước ngày {after(h.at, 480 * 9):%d/%m}, không thu lệ phí. Con anh được đi học "
        f"bình thường, nhà trường đã biết."
    )
    h.then("result", after(h.at, 480 * 3), officer, text=text)
    h.then("approve", after(h.at, 60), lead)
    committee = cast.agencies[f"ubnd-{NGHIA_TRUNG}"]
    acts = helped(cut(h.acts, until, ""), committee, cast.officers[committee.pk], h.acts[1].at, PART[0])
    return Story(number=-2, history=History(report=report, at=at, by=dao, acts=acts))


def _karaoke(cast: Cast, until: datetime) -> Story:
    at = _days_ago(until, 1, 22, 41)
    h, truc, police = Script(at=at), _operator(cast, "truc"), cast.agencies["catp"]
    area = next(a for a in cast.map.areas if a.code == "25210")
    report = Report(
        text="Nhà sát bên hát karaoke loa thùng từ chập tối tới giờ này. Trong xóm có cụ già mới đi viện về với mấy "
        "đứa nhỏ mai phải "
        "đi học. Qua nói thì họ vặn to thêm. Nhờ xử lý giúp nhưng xin đừng nói ai báo, hàng xóm với nhau sợ mất lòng.",
        channel="zalo",
        once="demo-flagship-karaoke",
        area_id=area.pk,
        address="hẻm 47 đường Hùng Vương, khu phố 2, Phường Đồng Xoài",
        latitude=11.5331,
        longitude=106.8402,
    )
    h.then(
        "accept",
        at + timedelta(minutes=4),
        truc,
        category=cast.categories["noise"],
        summary="Karaoke loa thùng ban đêm trong hẻm, người báo xin giấu tên",
    )
    note = "Người báo xin giấu tên, khi đến không nhắc nguồn tin."
    h.then("route", h.at + timedelta(minutes=3), truc, agency=police, note=note)
    h.then("leg_accept", h.at + timedelta(minutes=6), cast.officers[police.pk])
    h.then("start", h.at + timedelta(minutes=20), cast.officers[police.pk])
    return Story(number=-3, history=History(report=report, at=at, by=citizen(), acts=cut(h.acts, until, "")))
