"""/.well-known/security.txt (RFC 9116): where to report a weakness of this site, for people and programs that look."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import now

from caunoi.directory.queries import option

VALID = timedelta(days=180)  # RFC 9116, 2.5.5: less than a year ahead
ABOUT = """\
# {place}: {name}
# Anh/chị phát hiện lỗ hổng bảo mật của trang này? Xin báo riêng cho chúng tôi theo địa chỉ dưới đây, đừng công bố
# và đừng lấy dữ liệu của người dân. Chúng tôi trả lời trong 3 ngày làm việc, bằng tiếng Việt hoặc tiếng Anh.
# Phản ánh, kiến nghị về đời sống thì gửi tại {report}
#
# {place_en}: {name_en}
# Found a weakness of this site? Please tell us in private at the contact below, do not publish it, and take no data of
# citizens. We answer within 3 working days, in Vietnamese or English.
"""


def contacts() -> list[str]:
    """As URIs, the best first: what the option `security_contact` names, then the hotline's own number."""
    written, phone = str(option("security_contact")), str(option("hotline_phone")).replace(" ", "")
    rows = [written if written.startswith("https:") else f"mailto:{written}"] if written else []
    if phone.removeprefix("+").isdecimal():
        local = "" if phone.startswith("+") else ";phone-context=+84"  # RFC 3966: a number that only this country knows
        rows.append(f"tel:{phone}{local}")
    return rows or [f"{settings.PUBLIC_URL}{reverse('citizen:channels')}"]


def show(request: HttpRequest) -> HttpResponse:
    words = {key: str(option(key)).replace("\n", " ") for key in ("place", "place_en")}
    names = {"name": "hotline_name", "name_en": "hotline_name_en"}
    words |= {key: str(option(value)).replace("\n", " ") for key, value in names.items()}
    expires = (now() + VALID).strftime("%Y-%m-%dT00:00:00Z")
    lines = [
        *(f"Contact: {one}" for one in contacts()),
        f"Expires: {expires}",
        "Preferred-Languages: vi, en",
        f"Canonical: {settings.PUBLIC_URL}{reverse('citizen:security-txt')}",
    ]
    about = ABOUT.format(report=f"{settings.PUBLIC_URL}{reverse('citizen:report')}", **words)
    response = HttpResponse(about + "\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response
