"""A picture as people may see it: checked by content, turned upright, stripped of EXIF and GPS, re-encoded. No
Django."""

import io
import warnings
from dataclasses import dataclass
from hashlib import sha256

import pi_heif
import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

pi_heif.register_heif_opener()

FORMATS = {"JPEG", "PNG", "WEBP", "HEIF"}
MAX_PIXELS = 60_000_000  # beyond any phone's camera; a decompression bomb stops here, before it is decoded
MAX_WHOLE = 50_000_000  # of formats that cannot be decoded smaller than they are
LARGE, SMALL = 1600, 480  # longest sides kept, in pixels
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


def read(data: bytes) -> Picture:
    """Check and re-encode a JPEG, PNG, WebP or HEIC file. BadPictureError for anything else, however it is named."""
    try:
        kinds = {match.mime_type for match in puremagic.magic_string(data)}
    except (puremagic.PureError, ValueError):
        kinds = set()
    if not any(kind.startswith("image/") for kind in kinds) and b"ftyp" not in data[:16]:
        raise BadPictureError("not_a_picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
            if image.format not in FORMATS:
                raise BadPictureError("not_a_picture")
            if image.width * image.height > (MAX_PIXELS if image.format == "JPEG" else MAX_WHOLE):
                raise BadPictureError("too_large")
            image.draft("RGB", (LARGE, LARGE))  # a JPEG is decoded no larger than needed
            image.thumbnail((2 * LARGE, 2 * LARGE), Image.Resampling.BOX)  # before it is copied for anything else
            upright = ImageOps.exif_transpose(image)
    except BadPictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPictureError("too_large") from None
    except UnidentifiedImageError:
        raise BadPictureError("not_a_picture") from None
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError):
        raise BadPictureError("damaged") from None
    flat = Image.new("RGB", upright.size, "white")
    rgba = upright.convert("RGBA")
    flat.paste(rgba, mask=rgba.getchannel("A"))
    large, (width, height) = encoded(flat, LARGE, 80)
    small, _ = encoded(flat, SMALL, 72)
    return Picture(digest=sha256(data).hexdigest(), width=width, height=height, large=large, small=small)
