"""The shortcut by first letters finds what the words alone find."""

import re

import pytest

from bench.redact import cases
from caunoi.lib.privacy import context
from caunoi.lib.vietnamese.writing import shape

PLAIN = re.compile(rf"\b(?:{'|'.join(f'({words})' for words in context.WORDS.values())})\b")
SAYINGS = (
    "cccd c.c.c.d can cuoc the cc dinh danh id card cmnd c.m.t so cm giay cm chung minh ho chieu passport pp so so hc "
    "bhyt"
    " bao hiem y te ma the so the the bh bhxh so bao hiem ma bao hiem vssid mst m.s.t ma so thue ms thue tax code "
    "msdn stk"
    " so tk tai khoan tk the atm ngan hang kho bac vao the sdt dt dien thoai di dong so may tat may nghe may may ban "
    "hotline"
    " zalo alo goi lien he lh phone tel mobile fax momo sim ngay sinh nam sinh sinh ngay sanh nam sn n.sinh dob d.o.b "
    "born"
    " date of birth bien so bks bsx chu xe xe may mo to o to ma kh mssv ho so hoa don bien lai hop dong cong to quyet "
    "dinh"
    " van ban dien tich thua thu tuc otp toa do chi so ve so tong gia phi tu ngay den ngay cap ngay het han phieu"
)


@pytest.mark.parametrize(
    "text",
    [SAYINGS, context.BANKS.replace("|", " "), "\n".join(case.text for case in cases())],
    ids=["sayings", "banks", "letters"],
)
def test_first_letters_leave_no_word_out(text):
    folded = shape(text)
    found = [(m.span(), m.lastindex) for m in context._WORD.finditer(folded)]
    assert found == [(m.span(), m.lastindex) for m in PLAIN.finditer(folded)] and found
