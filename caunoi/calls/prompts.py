"""What callers hear, as texts: the product's own for every name, and the variables in them. Pure."""

import re
from collections.abc import Iterable, Mapping

from caunoi.telephony.speaking import MANY, TICKET_STATES, WAITS

VARIABLES = ("hotline", "hours", "choices", "procedures")
_VARIABLE = re.compile(r"\{(\w+)\}")
_TICKET = {
    "new": "Phản ánh đã được tiếp nhận, đang chờ xem xét.",
    "waiting": "Phản ánh đang chờ bổ sung thông tin. Xin bấm phím 0 để gặp tổng đài viên.",
    "working": "Phản ánh đã chuyển cho cơ quan có trách nhiệm và đang được giải quyết.",
    "answered": "Phản ánh đã có trả lời. Muốn nghe nội dung, xin bấm phím 0.",
    "closed": "Phản ánh đã được trả lời và khép lại.",
    "refused": "Phản ánh không được tiếp nhận. Muốn biết lý do, xin bấm phím 0.",
    "unknown": "Không tìm thấy phản ánh có mã này, gửi từ số điện thoại đang gọi.",
    "often": "Mã số này đã được tra cứu quá nhiều lần. Xin gọi lại sau.",
}
OWN_TEXTS: Mapping[str, str] = {
    "consent": "Cuộc gọi được ghi âm để phục vụ tốt hơn. Không đồng ý ghi âm, xin bấm phím 9.",
    "closed": ("Tổng đài {hotline} đang ngoài giờ làm việc. {hours} Việc khẩn cấp, xin gọi 1 1 3, 1 1 4 hoặc 1 1 5."),
    "message": (
        "Hiện chưa có người nghe máy. Sau tiếng bíp, xin nói họ tên, số điện thoại và sự việc. Nói xong xin gác máy."
    ),
    "unrecorded": "Cuộc gọi này không ghi âm.",
    "keep": "Không muốn chờ, xin bấm phím 1 khi nghe nhạc. Chúng tôi sẽ gọi lại đúng lượt.",
    "callback": "Đã giữ chỗ. Đến lượt, chúng tôi sẽ gọi lại số này.",
    "survey": "Xin chấm điểm cuộc gọi, từ 1 đến 5. 1 là rất không hài lòng, 5 là rất hài lòng.",
    "lost": "Cuộc gọi vừa bị gián đoạn. Xin giữ máy, chúng tôi nối lại ngay khi có người rảnh.",
    "procedures": "Các thủ tục được hỏi nhiều nhất. {procedures} Muốn biết thêm, xin bấm phím 0.",
    "ticket-code": "Xin bấm mã phản ánh, gồm chín chữ số.",
    **{f"ticket-{state}": _TICKET[state] for state in TICKET_STATES},
    **{f"place-{before}": f"Còn {before} người đang chờ trước." for before in range(1, MANY)},
    f"place-{MANY}": f"Còn từ {MANY} người trở lên đang chờ trước.",
    **{f"wait-{minutes}": f"Thời gian chờ khoảng {minutes} phút." for minutes in WAITS[:-1]},
    f"wait-{WAITS[-1]}": "Có thể phải chờ từ nửa giờ trở lên. Nếu không gấp, xin gọi lại sau.",
}
ALWAYS = ("consent", "unrecorded", "closed", "message", "keep", "callback", "survey", "lost")
OF_MENU = "{choices}"
OF_FIRST_MENU = "Tổng đài {hotline} xin nghe. {choices}"


def own_text(name: str, *, is_first: bool = False) -> str:
    """The product's own text of a prompt; "" for one that only a province has. `is_first`: of a menu that is asked
    first, and so greets."""
    of_menu = OF_FIRST_MENU if is_first else OF_MENU
    return OWN_TEXTS.get(name, of_menu if name.startswith("menu-") else "")


def unknown_variables(text: str) -> list[str]:
    """Those in a text that mean nothing, in order."""
    return [name for name in _VARIABLE.findall(text) if name not in VARIABLES]


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables' values; one without a value is left out."""
    return " ".join(_VARIABLE.sub(lambda match: values.get(match[1], ""), text).split())


def choices_text(labels: Iterable[tuple[str, str]]) -> str:
    """A menu's choices, `(key, label)`, as they are said."""
    parts = [f"{label}, bấm phím {key}." for key, label in labels]
    return " ".join([*parts, "Gặp tổng đài viên, bấm phím 0 hoặc xin giữ máy."])
