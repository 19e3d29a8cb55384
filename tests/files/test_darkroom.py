"""Pictures that strangers sent are decoded in processes that may fail without taking anything along."""

import io
import subprocess
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now
from PIL import Image

from caunoi.files import actions, darkroom, pictures
from caunoi.files.darkroom import Darkroom
from caunoi.files.models import Attachment
from caunoi.files.pictures import BadPictureError
from caunoi.jobs import clock
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report


def png(width, height):
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def room():
    found = Darkroom(rooms=1)
    yield found
    found.close()


def code(room, data, **more):
    with pytest.raises(BadPictureError) as caught:
        room.develop(data, **more)
    return caught.value.code


def test_a_picture_is_the_same_as_if_it_were_made_here(room, jpeg):
    assert room.develop(jpeg) == pictures.read(jpeg)
    process = room.all[0].process
    assert code(room, b"<html>") == "not_a_picture"
    assert room.develop(jpeg).width == 64 and room.all[0].process is process, "one process serves many"


def test_fifty_nine_megapixels_in_a_few_kilobytes_are_refused_by_their_header(room):
    bomb = png(7700, 7670)
    assert len(bomb) < 250_000 and code(room, bomb) == "too_large"


def test_the_process_has_a_limit_of_memory(room, jpeg):
    room.develop(jpeg)
    limits = Path(f"/proc/{room.all[0].process.pid}/limits").read_text()
    assert f"Max address space         {1 << 30}" in limits


def test_one_that_dies_or_hangs_takes_only_its_picture_along(room, jpeg, monkeypatch):
    begin = darkroom._begin

    def dies():
        return subprocess.Popen(["false"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def hangs():
        return subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    monkeypatch.setattr(darkroom, "PATIENCE", 0.2)
    for bad in (dies, hangs):
        monkeypatch.setattr(darkroom, "_begin", bad)
        assert code(room, jpeg) == "too_large"
    monkeypatch.undo()
    assert darkroom._begin is begin and room.develop(jpeg).width == 64


def test_who_does_not_want_to_wait_is_told_that_it_is_busy(room, jpeg):
    entered, leave = threading.Event(), threading.Event()

    def slow(data):
        entered.set()
        leave.wait(10)

    room.all[0].develop = slow
    busy = threading.Thread(target=room.develop, args=[jpeg])
    busy.start()
    assert entered.wait(10)
    assert code(room, jpeg, wait=0.01) == "busy"
    leave.set()
    busy.join(10)


@pytest.mark.django_db(transaction=True)
def test_pictures_of_drafts_that_nobody_sent_are_removed(photo, town):
    kept, fresh, lost = (Attachment.objects.get(pk=photo(colour)) for colour in ("navy", "red", "green"))
    Attachment.objects.exclude(pk=fresh.pk).update(created=now() - timedelta(days=10))
    ticket = tickets.take(Report(text="Đèn tắt", channel="web", once="o"), by=town.lan)
    tickets.add_photos(ticket, [kept.pk], "report", by=town.lan)
    assert actions.forget_orphans() == 1
    assert set(Attachment.objects.all()) == {kept, fresh}
    assert default_storage.exists(f"{kept.name}.webp") and not default_storage.exists(f"{lost.name}.webp")
    assert "caunoi.files.tasks.forget_orphans" in clock.tasks()
