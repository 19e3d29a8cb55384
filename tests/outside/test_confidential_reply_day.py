"""A citizen whose ticket is in work writes something confidential into the same chat, while an operator has it open.

Proves: what comes by chat with such words is never seen by whoever has the thread open, not even for a second; a reply
with them goes aside, and the ticket says that something was given into confidence, and nothing of what it is"""

import hashlib
import json
import re
import time
from collections.abc import Callable

import pytest
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long
People = Callable[..., Person]
CANARY = "Chimyếnphụng"
LAMP = "Đèn đường trước chợ Cao Lãnh tắt ba hôm nay"
SECRET = f"Còn chuyện này: tôi muốn tố cáo ông {CANARY} nhận tiền"


def says(demo: Product, words: str, number: int) -> None:
    """Zalo calls with what somebody wrote."""
    at = str(int(time.time() * 1000))
    body = json.dumps(
        {
            "app_id": "1022",
            "sender": {"id": "ba-tu-kin"},
            "recipient": {"id": "oa"},
            "event_name": "user_send_text",
            "message": {"text": words, "msg_id": f"kin-{number}"},
            "timestamp": at,
        },
        ensure_ascii=False,
    ).encode()
    mac = hashlib.sha256(b"1022" + body + at.encode() + b"demo-zalo-secret").hexdigest()
    answer = demo.ask("/hooks/zalo/", body, x_zevent_signature=f"mac={mac}", content_type="application/json")
    assert answer.status == 200, answer.text


def test_nobody_with_the_thread_open_sees_it(demo: Product, person: People) -> None:
    says(demo, LAMP, 1)
    lan, thu = person(demo, "lan"), person(demo, "thu")

    def found() -> bool:
        lan.at("/desk/?q=Cao+Lãnh+tắt+ba+hôm")
        return LAMP[:20] in lan.page.inner_text("main")

    wait_until(found, 60, 1, why="the ticket")
    lan.page.locator("a.item-link", has_text=LAMP[:20]).first.click()
    lan.page.wait_for_url(re.compile(r"/desk/\d\d-?\d{6}"))
    ticket = lan.path
    watching = lan.page.request
    says(demo, SECRET, 2)
    until, looks = time.monotonic() + 12, 0
    while time.monotonic() < until:  # from before it is read until long after the worker has dealt with it
        for path in (ticket, "/desk/conversations/", f"/desk/?q={CANARY}"):
            content = watching.get(demo.address + path).text()
            assert CANARY not in content.replace(f"q={CANARY}", "").replace(f'value="{CANARY}"', ""), path
        looks += 1
    assert looks > 3
    assert CANARY not in lan.page.content()
    lan.at(ticket)
    assert "Có nội dung được gửi kín." in lan.page.inner_text("main")
    assert CANARY in thu.at(f"/desk/?q={CANARY}").content() or CANARY in thu.at("/confidential/").content()
