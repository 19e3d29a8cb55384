"""Speech to text by any endpoint that speaks OpenAI's `audio/transcriptions`: optional, off by default
(CAUNOI_SPEECH_URL). The result is labelled as a machine's; only its size and form are checked."""

from dataclasses import dataclass

import httpx
from django.conf import settings

from caunoi.directory.queries import is_helping
from caunoi.lib.vietnamese.writing import nfc

LONGEST = 100_000  # characters of a transcript
BYTES = 25_000_000  # of a recording: OpenAI's own limit
ANSWER = 1_000_000  # bytes read of what comes back


class TranscriptionError(Exception):
    """No transcript; `code`: off | large | timeout | unreachable | unreadable | nothing."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """The address including /v1, the model's name, a key where needed, and the timeout (s)."""

    url: str
    model: str
    key: str = ""
    seconds: float = 60.0


def on() -> bool:
    """Whether an endpoint is configured, and the helper on."""
    return bool(settings.SPEECH_URL) and is_helping("transcripts")


def configured() -> Endpoint:
    """The endpoint of the settings. TranscriptionError("off") when there is none."""
    if not on():
        raise TranscriptionError("off")
    return Endpoint(
        url=settings.SPEECH_URL, model=settings.SPEECH_MODEL, key=settings.SPEECH_KEY, seconds=settings.SPEECH_SECONDS
    )


def hear(sound: bytes, name: str, where: Endpoint, *, transport: httpx.BaseTransport | None = None) -> str:
    """The words of a recording, NFC. TranscriptionError says why there are none."""
    if len(sound) > BYTES:
        raise TranscriptionError("large")
    headers = {"Authorization": f"Bearer {where.key}"} if where.key else {}
    try:
        with (
            httpx.Client(timeout=where.seconds, transport=transport, headers=headers) as http,
            http.stream(
                "POST",
                f"{where.url}/audio/transcriptions",
                files={"file": (name, sound)},
                data={"model": where.model, "language": "vi", "response_format": "json"},
            ) as answer,
        ):
            answer.raise_for_status()
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > ANSWER:
                    raise TranscriptionError("unreadable")
        text = httpx.Response(200, content=body).json()["text"]
    except httpx.TimeoutException:
        raise TranscriptionError("timeout") from None
    except httpx.HTTPError:
        raise TranscriptionError("unreachable") from None
    except (ValueError, KeyError, TypeError):
        raise TranscriptionError("unreadable") from None
    if not isinstance(text, str):
        raise TranscriptionError("unreadable")
    words = nfc(text.replace("\0", "")).strip()[:LONGEST]
    if not words:
        raise TranscriptionError("nothing")
    return words
