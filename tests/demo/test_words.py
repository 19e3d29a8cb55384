"""The demo's words: enough of them, and each fits where it is used."""

import io
import re
from random import Random

import pytest
from PIL import Image

from caunoi.demo import pictures, voice
from caunoi.demo.agencies import TABLE
from caunoi.demo.matters import matters, refusals
from caunoi.starter import kit
from caunoi.tickets.lifecycle import Kind, Urgency
from caunoi.tickets.reasons import BY_PRODUCT, REASONS

OWN = {line.split(",")[0] for line in TABLE.read_text("utf-8").splitlines()[1:]}
NAMES = kit.Names(hotline="Tổng đài 1022", phone="1022", address="", kind="tỉnh")
AGENCIES = OWN | {row["code"] for row in kit.agencies(NAMES)} | {kit.COMMUNE}


def test_there_are_many_different_reports_and_answers():
    assert len({text for m in matters() for text in m.texts}) >= 150
    assert len({text for m in matters() for text in m.answers}) >= 150


@pytest.mark.parametrize("matter", matters(), ids=lambda m: m.summary[:40])
def test_a_matter_names_only_what_exists(matter):
    assert matter.category in {field["code"] for field in kit.fields()}
    assert matter.kind in {"", *Kind}
    assert matter.urgency in {"", *Urgency}
    assert {matter.agency, *matter.wrong[:1]} - {""} <= AGENCIES
    assert set(matter.photos) <= set(pictures.SCENES)
    assert bool(matter.ask) == bool(matter.reply)
    assert len(matter.summary.split(" | ")) in (1, len(matter.texts))


def test_each_reason_to_refuse_has_its_words():
    assert {refusal.reason for refusal in refusals()} == set(REASONS) - BY_PRODUCT


def test_pictures_are_small_and_always_the_same():
    for scene in pictures.SCENES:
        data = pictures.draw(scene)
        assert data == pictures.draw(scene)
        assert Image.open(io.BytesIO(data)).size == (640, 480)


def test_letters_without_marks_stay_readable():
    assert voice.unmarked("Đèn đường phường Trảng Dài") == "Den duong phuong Trang Dai"
    assert re.fullmatch(r"\+84900000\d{3}", voice.phone(Random(1)))
