"""Pictures that strangers sent are decoded in processes that may fail without taking anything along."""

import io
import os
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.timezone import localdate, now
from PIL import Image

from caunoi.directory import actions as directory
from caunoi.directory import queries as rows
from caunoi.events.actor import SYSTEM
from caunoi.files import actions, pictures
from caunoi.files.darkroom import Darkroom
from caunoi.files.models import Attachment
from caunoi.files.pictures import BadPictureError
from caunoi.files.queries import Unused, unfinished
from caunoi.host import sandbox
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


@pytest.mark.parametrize("case", ["JPEG", "narrow", "progressive", "RGBA", "WEBP"])
def test_the_largest_that_are_taken_stay_below_200_megabytes(room, case):
    size, form, more = {
        "JPEG": ((7700, 7670), "JPEG", {}),
        "narrow": ((32_000, 1000), "JPEG", {}),
        "progressive": ((4470, 4470), "JPEG", {"progressive": True, "subsampling": 0}),
        "RGBA": ((5650, 5650), "PNG", {}),
        "WEBP": ((2828, 2828), "WEBP", {"method": 0}),
    }[case]
    out = io.BytesIO()
    Image.new("RGBA" if case == "RGBA" else "RGB", size).save(out, form, **more)
    assert room.develop(out.getvalue()).width == pictures.LARGE
    status = Path(f"/proc/{room.all[0].process.pid}/status").read_text()
    assert int(status.partition("VmHWM:")[2].split()[0]) * 1024 < 200_000_000


@pytest.mark.parametrize(
    ("size", "form", "more"),
    [((59_000, 1000), "JPEG", {}), ((4500, 4500), "JPEG", {"progressive": True}), ((2900, 2900), "WEBP", {})],
)
def test_what_would_take_more_is_refused_by_its_header(room, size, form, more):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, form, **more)
    assert code(room, out.getvalue()) == "too_large"


def test_the_process_has_a_limit_of_memory(room, jpeg):
    room.develop(jpeg)
    limits = Path(f"/proc/{room.all[0].process.pid}/limits").read_text()
    assert f"Max address space         {1 << 30}" in limits


def test_one_that_dies_or_hangs_takes_only_its_picture_along(room, jpeg, monkeypatch):
    begin = sandbox.begin

    def dies(_module):
        return subprocess.Popen(["false"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def hangs(_module):
        return subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    monkeypatch.setattr(room.all[0], "patience", 0.2)
    for bad in (dies, hangs):
        monkeypatch.setattr(sandbox, "begin", bad)
        assert code(room, jpeg) == "too_large"
    monkeypatch.undo()
    assert sandbox.begin is begin and room.develop(jpeg).width == 64


def test_who_does_not_want_to_wait_is_told_that_it_is_busy(room, jpeg):
    entered, leave = threading.Event(), threading.Event()

    def slow(data):
        entered.set()
        leave.wait(10)
        return b'{"bad": "no_picture"}\n'

    room.all[0].ask = slow
    busy = threading.Thread(target=code, args=[room, jpeg])
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


@pytest.mark.django_db(transaction=True)
def test_of_more_unused_pictures_than_there_is_room_for_the_oldest_go(photo, town):
    _first, second, third = (Attachment.objects.get(pk=photo(colour)) for colour in ("navy", "red", "green"))
    Attachment.objects.update(size=400 << 20)
    directory.set_option("upload_gigabytes", 1, by=SYSTEM)
    rows.forget()
    assert unfinished() == Unused(count=3, total=1200 << 20)
    assert actions.trim_orphans() == 1
    assert set(Attachment.objects.all()) == {second, third}
    assert actions.trim_orphans() == 0


@pytest.mark.django_db(transaction=True)
def test_files_that_no_picture_names_are_removed_after_a_day(photo, town, settings):
    good = Attachment.objects.get(pk=photo("navy"))
    old, fresh = (f"{localdate():%Y/%m}/{word}" for word in ("broken-off", "under-way"))
    for name in (old, fresh):
        default_storage.save(f"{name}.webp", ContentFile(b"x"))
    yesterday = time.time() - 90_000
    for name in (old, good.name):
        os.utime(settings.MEDIA_ROOT / f"{name}.webp", (yesterday, yesterday))
    assert actions.forget_strays() == 1
    assert not default_storage.exists(f"{old}.webp")
    assert default_storage.exists(f"{fresh}.webp") and default_storage.exists(f"{good.name}.webp")
