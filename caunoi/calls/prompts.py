"""What callers hear, as texts: the product's own for every name, and the variables in them. Pure."""

import re
from collections.abc import Iterable, Mapping

from caunoi.telephony.speaking import MANY, TICKET_STATES, WAITS

VARIABLES = ("hotline", "hours", "choices", "procedures")
_VARIABLE = re.compile(r"\{(\w+)\}")
_TICKET = {
    "new": "Phản ánh của quý khách đã được tiếp nhận và đang chờ xem xét.",
    "waiting": "Phản ánh của quý khách đang chờ quý khách bổ sung thông tin. Xin gặp tổng đài viên.",
    "working": "Phản ánh của quý khách đã chuyển đến cơ quan có trách nhiệm và đang được giải quyết.",
    "answered": "Phản ánh của quý khách đã có trả lời.",
    "closed": "Phản ánh của quý khách đã giải quyết xong.",
    "refused": "Phản ánh của quý khách không được tiếp nhận. Xin gặp tổng đài viên để biết lý do.",
    "unknown": "Không tìm thấy phản ánh có mã số này của số điện thoại quý khách đang gọi.",
    "often": "Mã số này đã được tra cứu quá nhiều lần. Xin gọi lại sau.",
}
OWN_TEXTS: Mapping[str, str] = {
    "consent": "Cuộc gọi được ghi âm để nâng cao chất lượng phục vụ. Nếu không đồng ý ghi âm, xin bấm phím 9.",
    "closed": "Tổng đài {hotline} hiện ngoài giờ làm việc. {hours}",
    "message": "Xin để lại lời nhắn sau tiếng bíp, chúng tôi sẽ gọi lại cho quý khách.",
    "unrecorded": "Cuộc gọi này không ghi âm.",
    "keep": "Không muốn chờ, xin bấm phím 1 khi nghe nhạc. Chúng tôi sẽ gọi lại đúng lượt.",
    "callback": "Chúng tôi đã giữ chỗ, và sẽ gọi lại cho quý khách khi đến lượt.",
    "survey": "Xin đánh giá cuộc gọi: bấm phím từ 1 đến 5, trong đó 5 là rất hài lòng.",
    "lost": "Máy của tổng đài viên vừa mất kết nối. Xin giữ máy, quý khách được phục vụ trước tiên.",
    "procedures": "Các thủ tục được hỏi nhiều nhất. {procedures}",
    "ticket-code": "Xin bấm chín chữ số của mã phản ánh.",
    **{f"ticket-{state}": _TICKET[state] for state in TICKET_STATES},
    **{f"place-{before}": f"Còn {before} người đang chờ trước." for before in range(1, MANY)},
    f"place-{MANY}": f"Còn từ {MANY} người trở lên đang chờ trước.",
    **{f"wait-{minutes}": f"Thời gian chờ khoảng {minutes} phút." for minutes in WAITS[:-1]},
    f"wait-{WAITS[-1]}": f"Thời gian chờ hơn {WAITS[-1]} phút. Nếu không gấp, xin gọi lại sau.",
}
ALWAYS = ("consent", "unrecorded", "closed", "message", "keep", "callback", "survey", "lost")
OF_MENU = "Tổng đài {hotline} xin nghe. {choices}"


def own_text(name: str) -> str:
    """The product's own text of a prompt; "" for one that only a province has."""
    return OWN_TEXTS.get(name, OF_MENU if name.startswith("menu-") else "")


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
