"""Photos with a report: what is good is kept, what is none is named, nothing breaks."""

import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from caunoi.conversations.models import Draft
from caunoi.directory.options import OPTIONS
from caunoi.files.models import Attachment
from caunoi.tickets.models import Ticket

MOST = OPTIONS["photo_limit"].default


def bomb() -> SimpleUploadedFile:
    """A PNG of a few hundred bytes that claims 900 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9000))) + chunk(b"IEND", b"")
    )
    return SimpleUploadedFile("bomb.png", data)


@pytest.fixture
def writing(someone: Any) -> Any:
    someone.fill("what")
    return someone


def kept() -> int:
    return len(Draft.objects.get().data.get("photos", []))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_what_phones_take_is_taken(writing: Any, picture: Any, form: str) -> None:
    assert writing.fill("photos", photos=[picture(form)]).headers["Location"] == f"{writing.draft}/you"
    assert kept() == 1


def test_a_photo_that_is_none_is_named_and_the_good_one_is_kept(writing: Any, picture: Any) -> None:
    answer = writing.fill("photos", photos=[picture(), SimpleUploadedFile("ảnh.jpg", b"MZ\x90\x00" * 300)])
    assert answer.status_code == 422
    assert "ảnh.jpg" in answer.content.decode()
    assert kept() == 1


def test_a_photo_cut_off_on_the_way_is_named(writing: Any, picture: Any) -> None:
    whole = picture("PNG").read()
    answer = writing.fill("photos", photos=[SimpleUploadedFile("half.png", whole[: len(whole) // 2])])
    assert answer.status_code == 422
    assert "half.png" in answer.content.decode()


def test_a_decompression_bomb_is_not_opened(writing: Any) -> None:
    answer = writing.fill("photos", photos=[bomb()])
    assert answer.status_code == 422
    assert "bomb.png" in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_photo_larger_than_the_limit_is_named(writing: Any, monkeypatch: pytest.MonkeyPatch, picture: Any) -> None:
    monkeypatch.setattr("caunoi.web.citizen.photos.option", {"photo_megabytes": 0, "photo_limit": 10}.__getitem__)
    answer = writing.fill("photos", photos=[picture(name="big.jpg")])
    assert answer.status_code == 422
    assert "big.jpg" in answer.content.decode()


def test_of_thirty_photos_the_first_are_kept_and_it_is_said(writing: Any, picture: Any) -> None:
    answer = writing.fill(
        "photos", photos=[picture(name=f"{n}.jpg", colour=f"hsl({12 * n}, 80%, 50%)") for n in range(30)]
    )
    assert answer.status_code == 422
    assert str(MOST) in answer.content.decode()
    assert kept() == MOST


def test_a_photo_that_is_sent_again_is_one(writing: Any, picture: Any) -> None:
    writing.fill("photos", photos=[picture("JPEG", "navy"), picture("JPEG", "red"), picture("JPEG", "navy")])
    writing.fill("photos", photos=[picture("JPEG", "red")])
    page = writing.get(f"{writing.draft}/photos").content.decode()
    assert page.count('name="remove"') == 2


def test_without_javascript_photos_are_added_one_after_the_other_removed_and_brought_back(
    writing: Any, picture: Any
) -> None:
    for colour in ("red", "green"):
        answer = writing.fill("photos", photos=[picture(colour=colour)], more="1")
        assert answer.headers["Location"] == f"{writing.draft}/photos"
    first, second = Draft.objects.get().data["photos"]
    place = writing.fill("photos", remove=first).headers["Location"]
    assert Draft.objects.get().data["photos"] == [second]
    page = writing.get(place).content.decode()
    assert f'name="remove" value="{second}"' in page and f'name="restore" value="{first}"' in page
    forged = f"{first[:-2]}xx"
    assert forged not in writing.get(f"{writing.draft}/photos", removed=forged).content.decode()
    writing.fill("photos", restore=forged)
    assert writing.fill("photos", restore=first).headers["Location"] == f"{writing.draft}/photos"
    assert Draft.objects.get().data["photos"] == [second, first]
    assert 'name="restore"' not in writing.get(place).content.decode()


def test_only_the_sender_sees_a_photo_before_it_is_sent(writing: Any, picture: Any) -> None:
    writing.fill("photos", photos=[picture()])
    name = Attachment.objects.get().name
    assert writing.get(f"/files/{name}.small").status_code == 404
    seen = writing.get(f"/files/{name}.small", c=Draft.objects.get().data["photos"][0])
    assert b"WEBP" in b"".join(seen.streaming_content)
    seen.close()


def test_a_claim_that_was_forged_names_no_photo(writing: Any, picture: Any) -> None:
    writing.fill("photos", photos=[picture()])
    draft = Draft.objects.get()
    draft.data["photos"].append(draft.data["photos"][0][:-2] + "xx")
    draft.save()
    writing.fill("you")
    writing.fill("check")
    assert Ticket.objects.get().photos.count() == 1
