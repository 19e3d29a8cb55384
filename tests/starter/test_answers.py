"""What the first run is told, and what it does not understand."""

import pytest

from caunoi.lib.places import gazetteer
from caunoi.starter import kit
from caunoi.starter.answers import Answers, BadAnswerError, province, read

GOOD = 'province = "66"\n[administrator]\nuser = "quantri"\n'


def test_what_is_not_answered_is_as_usual():
    assert read(GOOD) == Answers(province="66", user="quantri")
    whole = read(
        'province = "Đắk Lắk"\nhotline_name = "1022"\nphone = "0262 1022"\nstarter = false\nopen = true\n'
        '[administrator]\nuser = "a"\nname = "Ai"\nemail = "a@x.example"\n'
    )
    assert (whole.province, whole.phone, whole.starter, whole.open, whole.email) == (
        "66",
        "0262 1022",
        False,
        True,
        "a@x.example",
    )


@pytest.mark.parametrize("unit", gazetteer.provinces(), ids=lambda unit: unit.code)
def test_each_of_the_34_provinces_is_known_by_code_and_by_name_with_and_without_marks(unit):
    assert province(unit.code) == province(unit.name) == province(f" {unit.short.upper()} ") == unit.code
    assert len(gazetteer.communes(unit.code)) > 30


@pytest.mark.parametrize(
    ("text", "name", "hint"),
    [
        (GOOD.replace("66", "67"), "province", "'67'"),
        (GOOD.replace("66", "Dak Lat"), "province", "is Tỉnh Đắk Lắk (66) meant?"),
        ('[administrator]\nuser = "a"\n', "province", "is missing"),
        ('province = "66"\n', "user", "is missing"),
        (GOOD.replace("quantri", "Quản trị"), "user", "small Latin letters"),
        ("hotline = 'x'\n" + GOOD, "hotline", "is hotline_name meant?"),
        (GOOD + "rolle = 'x'\n", "administrator.rolle", "it is one of"),
        ("open = 'yes'\n" + GOOD, "open", "true or false"),
        ("phone = 1022\n" + GOOD, "phone", "in quotation marks"),
        ("phone = 'gọi đi'\n" + GOOD, "phone", "the digits to call"),
        ("administrator = 'quan'\nprovince = '66'\n", "administrator", "a table"),
        ("province = \n", "TOML", "line 1"),
        ("hotline_name = 'a\\u0000'\n" + GOOD, "hotline_name", "a text"),
    ],
)
def test_a_bad_answer_is_named_and_what_would_do_is_said(text, name, hint):
    with pytest.raises(BadAnswerError) as told:
        read(text.replace("'a\\u0000'", '"a\\u0000"'))
    assert told.value.name == name
    assert hint in str(told.value)


def test_the_kit_leads_nowhere_that_is_not():
    names = kit.Names(hotline="Tổng đài 1022", phone="1022", address="1022.example", kind="tỉnh")
    fields = {row["code"] for row in kit.fields()}
    agencies = kit.agencies(names)
    codes = [row["code"] for row in agencies]
    assert len(set(codes)) == len(codes)
    assert all(row["parent"] in {"", *codes[:number]} for number, row in enumerate(agencies))
    assert {row["field"] for row in kit.rules()} == fields
    assert {row["to"] for row in kit.rules()} <= {*codes, kit.COMMUNE}
    assert {row["field"] for row in kit.targets()} <= fields | {None}
    texts = [*kit.consent(names), *(row["text"] for row in kit.templates(names)), *(row["name"] for row in agencies)]
    assert not [text for text in texts if "{" in text]
    assert all("thành phố" not in row["name"].lower() for row in agencies)
