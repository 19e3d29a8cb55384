"""What people send as a picture, and what is kept of it.

Proves: photos: JPEG, PNG, HEIC re-encoded without EXIF and GPS; no photo, bomb, 30 photos refused with words"""

import io
import struct
import zlib

import pillow_heif
import pytest
from django.core.files.storage import default_storage
from PIL import Image

from caunoi.events.actor import citizen
from caunoi.files import actions, pictures, queries
from caunoi.files.models import Attachment

GPS = {0x8825: {1: "N", 2: (11.0, 31.0, 12.0), 3: "E", 4: (106.0, 53.0, 58.0)}}


def sent(kind: str = "JPEG", size: tuple[int, int] = (800, 600), **save) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "seagreen").save(out, kind, **save)
    return out.getvalue()


def with_place() -> bytes:
    """A photo as a phone takes it: turned by EXIF, with maker, time and GPS."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0132] = 6, "DemoPhone", "2026:11:24 08:00:00"
    exif.get_ifd(0x8825).update(GPS[0x8825])
    return sent("JPEG", (800, 600), exif=exif)


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (640, 480), "navy")).save(out, format="HEIF")
    return out.getvalue()


@pytest.mark.parametrize("data", [sent("JPEG"), sent("PNG"), sent("WEBP"), heic()], ids=["jpeg", "png", "webp", "heic"])
def test_every_phones_pictures_are_taken_and_become_webp(data):
    picture = pictures.read(data)
    for content in (picture.large, picture.small):
        assert Image.open(io.BytesIO(content)).format == "WEBP"


def test_place_time_and_maker_are_gone_and_the_picture_stands_upright():
    data = with_place()
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(0x8825)
    picture = pictures.read(data)
    for content in (picture.large, picture.small):
        image = Image.open(io.BytesIO(content))
        assert not image.getexif()
        assert b"DemoPhone" not in content
        assert b"EXIF" not in content
    assert picture.height > picture.width  # it was lying on its side


def test_large_pictures_are_made_smaller():
    picture = pictures.read(sent(size=(5000, 3000)))
    assert max(picture.width, picture.height) == pictures.LARGE
    assert max(Image.open(io.BytesIO(picture.small)).size) == pictures.SMALL


def test_what_is_transparent_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    assert Image.open(io.BytesIO(pictures.read(out.getvalue()).large)).convert("RGB").getpixel((4, 4)) == (
        255,
        255,
        255,
    )


def bomb() -> bytes:
    """A PNG of a few kB that says it is 50,000 × 50,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_picture"),
        (b"hello", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not_a_picture"),
        (b"%PDF-1.7 ...", "not_a_picture"),
        (b"MZ" + b"\0" * 200, "not_a_picture"),
        (sent("GIF"), "not_a_picture"),
        (bomb(), "too_large"),
        (sent("JPEG")[:400], "damaged"),
    ],
    ids=["empty", "text", "svg", "pdf", "program", "gif", "bomb", "cut"],
)
def test_what_is_no_picture_is_refused_with_the_reason(data, code):
    with pytest.raises(pictures.BadPictureError) as refused:
        pictures.read(data)
    assert refused.value.code == code


@pytest.mark.django_db
def test_a_stored_picture_has_a_name_that_cannot_be_guessed(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    one, two = (actions.store(sent(), by=citizen()) for _ in range(2))
    assert one.name != two.name
    assert one.digest == two.digest
    assert len(one.name.rsplit("/", 1)[1]) >= 20
    with queries.content(one, small=True) as file:
        assert Image.open(file).format == "WEBP"
    assert default_storage.exists(f"{one.name}.webp")


@pytest.mark.django_db
def test_only_a_token_of_ours_names_a_picture_that_was_sent(photo):
    from_form = queries.claim(Attachment.objects.get(pk=photo()))
    assert [a.pk for a in queries.claimed([from_form, from_form, "forged", from_form + "x"])] == [
        queries.claimed([from_form])[0].pk
    ]
