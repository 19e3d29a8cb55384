"""The page, and what it shows: ?shell=citizen, desk or columns."""

import datetime as dt
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import timezone
from django.utils.translation import get_language

from caunoi.web.loader import joined

STATES = ["new", "waiting", "accepted", "routed", "working", "resulted", "answered", "closed", "refused", "merged"]
MARKS = ["on-time", "due-soon", "overdue", "done-late", "refused", "paused"]
LONG_NAME = (
    "Ban Quản lý dịch vụ công ích và Phát triển hạ tầng kỹ thuật đô thị khu vực Bình Phước – Đồng Xoài – Phước Long"
)
SHORT_REPORT = (
    "Đèn đường trước số 12 hẻm 45 đường Phú Riềng Đỏ không sáng ba đêm nay, các cháu đi học về tối rất nguy hiểm."
)
LONG_REPORT = "\n\n".join(
    [
        "Kính gửi Tổng đài 1022, tôi xin phản ánh tình trạng ngập nước kéo dài ở khu phố Tân Trà 2.",
        *(
            "Mỗi khi mưa quá nửa giờ, nước từ miệng cống trước chợ dâng lên ngang bánh xe, tràn vào nhà của hơn hai "
            "mươi hộ "
            "dân, cuốn theo rác và mùi hôi. Người lớn phải bê xe qua đoạn ngập dài chừng một trăm mét, các cháu nhỏ "
            "nghỉ học, "
            "hàng quán đóng cửa. Khu phố đã tự góp tiền nạo vét hai lần nhưng chỉ được vài tuần lại đầy bùn vì ống "
            "cống chính "
            "phía dưới quá nhỏ so với lượng nước đổ về từ khu dân cư mới."
            for _ in range(9)
        ),
        "Rất mong cơ quan chuyên môn khảo sát và sớm có biện pháp. Xin chân thành cảm ơn./.",
    ]
)


def scene(*, mended: bool, shade: int = 0) -> str:
    """A drawn street as a data address: with a hole, or mended."""
    sky, hills = f"hsl({205 + shade * 9},38%,{80 - shade % 4 * 6}%)", f"hsl({120 + shade * 14},22%,52%)"
    hole = (
        '<ellipse cx="210" cy="232" rx="74" ry="22" fill="#3a332c"/><ellipse cx="214" cy="236" rx="56" ry="14" '
        'fill="#578"/>'
    )
    patch = '<path d="M130 214h168l20 40H110z" fill="#55524e"/>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><path d="M0 0h400v300H0z" fill="{sky}"/>'
        f'<path d="M0 150 60 96l52 40 70-70 90 84 58-46 70 60v60H0z" fill="{hills}"/>'
        '<path d="M0 190h400v110H0z" fill="#77736d"/><path d="M0 190h400v8H0z" fill="#b9b2a4"/>'
        f'<path d="M20 276h60m70 0h60m70 0h60" stroke="#e9e2cf" stroke-width="6"/>{patch if mended else hole}</svg>'
    )
    return "data:image/svg+xml," + quote(svg)


class Example(forms.Form):
    text = forms.CharField(
        label="Anh/chị muốn phản ánh điều gì?",
        help_text="Viết như kể cho người quen: chuyện gì, từ bao giờ, ảnh hưởng ra sao.",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Anh/chị viết vài lời về việc cần phản ánh, để chúng tôi biết phải làm gì."},
    )
    place = forms.CharField(
        label="Ở đâu?", help_text="Số nhà, đường, khu phố, hoặc một chỗ dễ nhận ra gần đó.", required=False
    )
    phone = forms.CharField(
        label="Số điện thoại",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": "Anh/chị cho số điện thoại, hoặc chọn “Không cần trả lời”."},
    )
    happened = forms.DateTimeField(
        label="Xảy ra lúc nào?", required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    category = forms.ChoiceField(
        label="Lĩnh vực",
        choices=[
            ("", "Để tổng đài chọn giúp"),
            ("light", "Chiếu sáng công cộng"),
            ("road", "Đường, vỉa hè"),
            ("water", "Thoát nước"),
        ],
        required=False,
    )
    commune = forms.ChoiceField(
        label="Phường, xã",
        choices=[("", "Chưa rõ"), *((str(number), f"Phường Tân Phú {number}") for number in range(1, 15))],
        required=False,
    )
    urgency = forms.ChoiceField(
        label="Mức độ",
        choices=[
            ("urgent", "Khẩn: đang nguy hiểm"),
            ("normal", "Bình thường"),
            ("complex", "Cần nhiều đơn vị cùng xử lý"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Anh/chị chọn mức độ."},
    )
    agree = forms.BooleanField(
        label="Tôi đồng ý để tổng đài dùng số điện thoại này để báo kết quả",
        help_text="Số điện thoại không hiện trên trang công khai.",
        error_messages={"required": "Cần anh/chị đồng ý thì chúng tôi mới gọi lại được."},
    )


def story(now: dt.datetime) -> list[dict[str, Any]]:
    photos = [{"url": scene(mended=True), "alt": "Mặt đường đã được vá phẳng"}]
    return [
        {"title": "Anh/chị gửi phản ánh", "at": now - dt.timedelta(days=3), "by": "Zalo", "icon": "message-circle"},
        {
            "title": "Tổng đài đã tiếp nhận",
            "at": now - dt.timedelta(days=3, hours=-1),
            "by": "Tổng đài viên Lan",
            "icon": "check",
        },
        {
            "title": "Xí nghiệp Công trình công cộng nhận xử lý",
            "at": now - dt.timedelta(days=2),
            "by": "Anh Minh",
            "icon": "construction",
            "text": "Đội sửa chữa đã đến xem, sẽ vá tạm trong hôm nay và làm lại mặt đường tuần sau.",
            "photos": photos,
        },
        {"title": "Quá hạn trả lời 4 giờ", "at": now - dt.timedelta(hours=9), "icon": "alarm-clock", "kind": "late"},
        {"title": "Đang chờ lãnh đạo đơn vị duyệt", "at": now, "by": LONG_NAME, "icon": "hourglass", "kind": "now"},
        {"title": "Trả lời anh/chị", "icon": "reply", "kind": "ahead"},
    ]


def tickets(now: dt.datetime) -> list[dict[str, Any]]:
    rows = [
        ("260001234", "Ổ gà lớn giữa đường ĐT741, xe máy té liên tục", "working", 5, "Phường Bình Phước", True),
        ("260001235", SHORT_REPORT, "accepted", 30, "Phường Đồng Xoài", False),
        ("260001229", "Xe rác ba ngày chưa qua hẻm, rác tràn ra lề", "routed", -7, "Xã Nghĩa Trung", False),
        ("260001187", "Hỏi thủ tục cấp lại giấy phép lái xe khi mất giấy gốc", "answered", None, "", False),
        ("260001102", LONG_REPORT[:180], "resulted", 60, "Phường Phước Long", False),
    ]
    return [
        {
            "code": code,
            "title": title,
            "state": state,
            "due": now + dt.timedelta(hours=hours) if hours else None,
            "mark": None if hours else "done_late",
            "area": area,
            "urgent": urgent,
            "at": now - dt.timedelta(hours=3 * i + 1),
        }
        for i, (code, title, state, hours, area, urgent) in enumerate(rows)
    ]


def charts() -> dict[str, Any]:
    months = [f"T{m}" for m in range(1, 13)]
    return {
        "months": {
            "kind": "stack",
            "x": months,
            "unit": "phiếu",
            "series": [
                {
                    "name": "Đúng hạn",
                    "mark": "on-time",
                    "values": [210, 190, 240, 260, 255, 270, 300, 310, 290, 320, 335, 120],
                },
                {"name": "Trễ hạn", "mark": "done-late", "values": [40, 38, 30, 34, 28, 25, 31, 22, 20, 18, 16, 4]},
                {"name": "Còn hạn", "mark": "due-soon", "values": [0, 0, 0, 0, 0, 0, 0, 0, 2, 6, 20, 64]},
                {"name": "Quá hạn", "mark": "overdue", "values": [0, 0, 0, 0, 1, 0, 2, 1, 3, 5, 9, 11]},
            ],
        },
        "areas": {
            "kind": "across",
            "x": ["Chiếu sáng công cộng", "Đường, vỉa hè", "Thoát nước", "Rác thải", "Cây xanh", "Thủ tục hành chính"],
            "unit": "phiếu",
            "series": [{"name": "Quá hạn", "mark": "overdue", "values": [42, 31, 22, 14, 6, 2], "urls": ["#a"] * 6}],
        },
        "answer": {
            "kind": "line",
            "x": [f"{h}h" for h in range(6, 22)],
            "unit": "giây",
            "series": [
                {"name": "Hôm nay", "values": [8, 12, 25, 31, 22, 18, 14, 12, 20, 28, 24, 15, 12, 9, None, None]},
                {"name": "Trung bình tuần", "values": [9, 11, 19, 24, 20, 16, 13, 14, 18, 21, 19, 15, 12, 10, 9, 8]},
            ],
        },
    }


def points() -> dict[str, Any]:
    marks = ["on-time", "due-soon", "overdue", "done-late", "refused"]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {
                    "type": "Point",
                    "coordinates": [106.88 + (i * 37 % 100) / 350, 11.48 + (i * 53 % 100) / 420],
                },
                "properties": {
                    "code": f"26-00{1000 + i}-{i % 10}",
                    "title": "Đèn đường không sáng" if i % 2 else "Ổ gà trên đường ĐT741",
                    "mark": marks[i % 5],
                    "meta": "Phường Bình Phước",
                    "url": f"/p/26-00{1000 + i}-{i % 10}",
                },
            }
            for i in range(40)
        ],
    }


def page(request: HttpRequest | None = None, *, shell: str, healthy: bool = True) -> str:
    """The template of a shell (citizen, desk, columns) and all it shows."""
    now = timezone.now()
    photos = [{"url": scene(mended=i % 2 == 0, shade=i), "caption": f"Ảnh hiện trường số {i + 1}"} for i in range(20)]
    nav = [
        ("Hàng đợi", "inbox", "g q"),
        ("Cuộc gọi", "headphones", "g c"),
        ("Phiếu", "clipboard-list", "g p"),
        ("Thủ tục", "book-open", "g t"),
        ("Số liệu", "chart-column", "g s"),
        ("Cài đặt", "settings", ""),
    ]
    context = {
        "base": "citizen/base.html" if shell == "citizen" else "desk/base.html",
        "english": get_language() == "en",
        "nav": [
            {"label": label, "icon": icon, "url": f"#{icon}", "key": key, "active": i == 0}
            for i, (label, icon, key) in enumerate(nav)
        ],
        "site_nav": [
            {"label": "Phản ánh", "icon": "megaphone", "url": "#1", "active": True},
            {"label": "Hỏi thủ tục", "icon": "file-search", "url": "#2"},
            {"label": "Tra cứu phiếu", "icon": "search", "url": "#3"},
            {"label": "Đã giải quyết", "icon": "map", "url": "#4"},
        ],
        "footer_nav": [
            {"label": "Kênh và giờ trực", "url": "#5"},
            {"label": "Dữ liệu mở", "url": "#6"},
            {"label": "Trợ năng", "url": "#7"},
        ],
        "health": {"ok": healthy, "text": "" if healthy else "Zalo: chưa nhận tin từ 10:42"},
        "now": now,
        "states": STATES,
        "marks": MARKS,
        "in_five_hours": now + dt.timedelta(hours=5),
        "in_days": now + dt.timedelta(days=1, hours=27),
        "ago": now - dt.timedelta(days=2, hours=4),
        "long_name": LONG_NAME,
        "short_report": SHORT_REPORT,
        "long_report": LONG_REPORT,
        "form": Example(),
        "failed": Example({"text": "", "place": LONG_NAME, "phone": "", "category": "road"}, auto_id="id_failed_%s"),
        "story": story(now),
        "tickets": tickets(now),
        "photos": photos,
        "before": {"url": scene(mended=False), "alt": "Ổ gà đọng nước giữa đường"},
        "after": {"url": scene(mended=True), "alt": "Mặt đường đã được vá phẳng"},
        "charts": charts(),
        "points": points(),
        "steps": ["Việc gì", "Ở đâu", "Ảnh", "Anh/chị", "Gửi"],
        "tabs": [
            {"label": "Cần xử lý", "url": "#t1", "active": True, "count": 12},
            {"label": "Đang chờ", "url": "#t2", "count": 1204},
            {"label": "Đã xong", "url": "#t3"},
        ],
        "chips": [
            {"label": "Chiếu sáng", "url": "#c1", "active": True, "count": 42},
            {"label": "Đường, vỉa hè", "url": "#c2", "count": 31},
            {"label": "Thoát nước", "url": "#c3", "count": 22},
            {"label": "Quá hạn", "url": "#c4"},
        ],
    }
    template = Path(__file__).with_name("columns.html" if shell == "columns" else "page.html")
    return engines["django"].from_string(joined(template.read_text())).render(context, request)


def show(request: HttpRequest) -> HttpResponse:
    shell, healthy = request.GET.get("shell", "desk"), request.GET.get("health") != "bad"
    return HttpResponse(page(request, shell=shell, healthy=healthy))
