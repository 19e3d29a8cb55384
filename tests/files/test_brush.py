"""What is painted over is gone: nothing of it is in the new file.

Proves: photos: nothing shown before a look, EXIF gone, faces and plates painted over for good by brush or typed
rectangle, undo until public"""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from caunoi.files import brush, pictures


def photo(plate):
    image = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(image).text((120, 140), plate, fill="black", font_size=30)
    out = io.BytesIO()
    exif = image.getexif()
    exif[0x010F] = "Máy của Bảy Rô"
    exif.get_ifd(0x8825)[1] = "N"
    image.save(out, "JPEG", exif=exif, quality=95)
    return pictures.read(out.getvalue()).large


def opened(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


@pytest.mark.parametrize(
    "shape",
    [{"x": 250, "y": 400, "w": 500, "h": 300}, {"r": 100, "points": [[280, 520], [750, 520]]}],
    ids=["rectangle", "stroke"],
)
def test_what_was_under_it_cannot_be_told(shape):
    ones = [
        opened(getattr(brush.paint(photo(plate), [shape]), size))
        for plate in ("93C-123.45", "93C-888.88")
        for size in ("large",)
    ]
    box = (130, 145, 270, 170)
    for image in ones:
        low, high = zip(*(band.getextrema() for band in image.crop(box).split()), strict=True)
        assert all(b - a <= 6 for a, b in zip(low, high, strict=True))  # one colour, but for WebP's rounding
    rest = ImageChops.difference(*(image.crop((0, 0, 400, 80)) for image in ones))
    assert all(top <= 6 for _, top in rest.getextrema())


def test_the_rest_stays_as_it_was_and_no_data_of_the_camera_is_in_it():
    made = brush.paint(photo("93C-123.45"), [{"x": 0, "y": 0, "w": 100, "h": 100}])
    assert b"Exif" not in made.large and "Bảy Rô".encode() not in made.large and not opened(made.large).getexif()
    low, _high = opened(made.large).crop((120, 140, 300, 175)).convert("L").getextrema()
    assert low < 60  # the plate that was not painted over can be read
    assert (made.width, made.height) == (400, 300) and max(opened(made.small).size) <= brush.SMALL


def test_a_painted_picture_has_a_digest_of_its_own():
    plain, painted = photo("a"), brush.paint(photo("a"), [{"x": 250, "y": 400, "w": 500, "h": 300}])
    assert painted.digest not in (pictures.sha256(plain).hexdigest(), brush.paint(plain, []).digest)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        {},
        [1],
        [{"x": 1}],
        [{"r": 0, "points": [[1, 1]]}],
        [{"r": 10, "points": []}],
        [{"r": True, "points": [[1, 1]]}],
        [{"r": 10, "points": [[1, float("inf")]]}],
        [{"x": 0, "y": 0, "w": -1, "h": 5}],
        [{"r": 5, "points": [[1, 1]] * 3000}],
        [{"x": 0, "y": 0, "w": 1, "h": 1}] * 201,
    ],
    ids=range(11),
)
def test_what_is_no_shape_is_refused(bad):
    with pytest.raises(brush.BadShapeError):
        brush.checked(bad)


numbers = st.floats(0, 1000) | st.integers(0, 1000)
rectangles = st.fixed_dictionaries({"x": numbers, "y": numbers, "w": st.integers(1, 1000), "h": st.integers(1, 1000)})
strokes = st.fixed_dictionaries(
    {
        "r": st.integers(1, 300),
        "points": st.lists(st.lists(st.integers(-1000, 2000), min_size=2, max_size=2), min_size=1, max_size=4),
    }
)


@given(st.lists(rectangles | strokes, max_size=3))
def test_any_shapes_give_a_picture_of_the_same_size(shapes):
    small = io.BytesIO()
    Image.new("RGB", (20, 12), "navy").save(small, "WEBP")
    made = brush.paint(small.getvalue(), brush.checked(shapes))
    assert opened(made.large).size == (20, 12)
