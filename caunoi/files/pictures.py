"""A picture as people may see it: checked by content, turned upright, stripped of EXIF and GPS, re-encoded. No
Django."""

import io
import warnings
from dataclasses import dataclass
from hashlib import sha256

import pi_heif
import puremagic
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

pi_heif.register_heif_opener()

MAX_PIXELS = 60_000_000  # beyond any phone's camera; a decompression bomb stops here, before it is decoded
MOST = {"JPEG": MAX_PIXELS, "PNG": 32_000_000, "WEBP": 8_000_000, "HEIF": 50_000_000}
"""Pixels of a picture by its format. A JPEG is decoded no larger than needed; a PNG takes 4 bytes a pixel, a WebP 16,
and the sandbox is to stay below 200 MB; only a HEIC, of which phones make 48 megapixels, may take more."""
MOST_PROGRESSIVE = 20_000_000  # of a progressive JPEG: all its coefficients are in memory at once
LARGE, SMALL = 1600, 480  # longest sides kept, in pixels
BAND = 1_000_000  # pixels made smaller at once
ORIENTATION = ExifTags.Base.Orientation
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class BadPictureError(Exception):
    """Not a picture that we take; `code` is not_a_picture, too_large, damaged or busy (darkroom.py)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Both sizes as WebP; `digest` is SHA-256 of its source."""

    digest: str
    width: int
    height: int
    large: bytes
    small: bytes


def encoded(image: Image.Image, side: int, quality: int) -> tuple[bytes, tuple[int, int]]:
    """A picture as WebP, its longest side at most `side`; and its size."""
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    copy.save(out, "WEBP", quality=quality, method=3)  # no exif=, so none is written
    return out.getvalue(), copy.size


def upright(data: bytes) -> Image.Image:
    """The picture on white, turned as it was held, its longest side less than twice LARGE where it was larger.
    BadPictureError."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(data))
        if image.format not in MOST:
            raise BadPictureError("not_a_picture")
        most = MOST_PROGRESSIVE if image.info.get("progressive") else MOST[image.format]
        if image.width * image.height > most:
            raise BadPictureError("too_large")
        image.draft("RGB", (LARGE, LARGE))
        if image.format == "JPEG" and image.width * image.height > MOST["PNG"]:  # too narrow to be decoded smaller
            raise BadPictureError("too_large")
        small = _on_white(image, max(1, max(image.size) // LARGE))
        small.getexif().update({ORIENTATION: image.getexif().get(ORIENTATION, 1)})
        return ImageOps.exif_transpose(small)


def _on_white(image: Image.Image, factor: int) -> Image.Image:
    """A copy of a `factor`-th of its size, made band by band: nothing of full size is copied."""
    small = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)), "white")
    rows = factor * max(1, BAND // (image.width * factor))
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        band = image.crop((0, top, image.width, bottom)).convert("RGBA").reduce(factor)
        small.paste(band, (0, top // factor), band.getchannel("A"))
    return small


def read(data: bytes) -> Picture:
    """Check and re-encode a JPEG, PNG, WebP or HEIC file. BadPictureError for anything else, however it is named."""
    try:
        kinds = {match.mime_type for match in puremagic.magic_string(data)}
    except (puremagic.PureError, ValueError):
        kinds = set()
    if not any(kind.startswith("image/") for kind in kinds) and b"ftyp" not in data[:16]:
        raise BadPictureError("not_a_picture")
    try:
        image = upright(data)
    except BadPictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPictureError("too_large") from None
    except UnidentifiedImageError:
        raise BadPictureError("not_a_picture") from None
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError):
        raise BadPictureError("damaged") from None
    large, (width, height) = encoded(image, LARGE, 80)
    small, _ = encoded(image, SMALL, 72)
    return Picture(digest=sha256(data).hexdigest(), width=width, height=height, large=large, small=small)
