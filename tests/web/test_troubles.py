"""What is wrong is said in the reader's language, and what nobody knows as it was written down.

Proves: Troubles of channels and messages in the reader's language"""

import pytest
from django.utils.translation import override

from caunoi.conversations.actions.dispatching import INTERRUPTED, MAYBE
from caunoi.web.troubles import WORDS, trouble


def test_our_own_words_are_translated_and_a_providers_stand_behind_them():
    with override("vi"):
        assert trouble(INTERRUPTED) == "bị ngắt giữa lúc gửi, tin có thể đã tới"
        assert trouble(f"{MAYBE} (no answer: ReadTimeout)") == (
            "nhà cung cấp không trả lời, tin có thể đã tới (nhà cung cấp không trả lời (ReadTimeout))"
        )
        assert trouble("The mail server a:993 cannot be reached: [Errno 111] refused (100%)") == (
            "Không kết nối được máy chủ thư a:993: [Errno 111] refused (100%)"
        )
        assert trouble("Zalo -216: Access token is invalid") == "Zalo -216: Access token is invalid"
        assert trouble("") == ""


@pytest.mark.parametrize("words", WORDS)
def test_everything_that_is_known_is_found_again_and_has_its_vietnamese(words):
    names = {"more": "x", "server": "s:1", "folder": "F", "number": "2"}
    with override("en"):
        assert trouble(words % names) == words % names
    with override("vi"):
        assert trouble(words % names) != words % names
