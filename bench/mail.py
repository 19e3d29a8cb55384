"""How many mails a second one core understands: bytes → sender, words, quoted words, files.

Three kinds: our hundred ugly mails, a plain-and-HTML answer with what it quotes, and a letter with three photographs.
Budget: 1,000 ugly mails a second. A province's busiest mailbox gets some thousands a day. Writes bench/out/mail.json.
"""

import base64
import io
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from caunoi.channels.base import UnreadableError
from caunoi.channels.mail import reading

ROOT = Path(__file__).resolve().parents[1]
UGLY = ROOT / "tests" / "channels" / "calls" / "email"
OUT = ROOT / "bench" / "out" / "mail.json"
BUDGET = 1_000
SECONDS = 2.0
CONFIG = {"address": "1022@tinh.example"}
RAW = {"received": "2026-11-25T03:00:00+00:00"}
WORDS = "Đèn đường trước nhà số 5 tắt ba ngày nay, buổi tối đi lại rất nguy hiểm, đề nghị sửa sớm. "
HEAD = "From: Demo <demo@dan.example>\r\nSubject: Re: Phản ánh\r\nMessage-ID: <1@dan.example>\r\nMIME-Version: 1.0\r\n"


def answer() -> bytes:
    """Some 6 kB, as web mail sends them."""
    plain = "\r\n".join([WORDS * 3, "", "Vào Th 3, 24 thg 11, 2026 lúc 08:00 1022 <1022@tinh.example> đã viết:", ""])
    plain += "\r\n".join(f"> {WORDS}" for _ in range(20))
    rich = f"<div>{WORDS * 3}</div><blockquote class='gmail_quote'>{f'<p>{WORDS}</p>' * 20}</blockquote>"
    parts = [("text/plain", plain), ("text/html", rich)]
    body = "".join(f"--b\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{words}\r\n" for kind, words in parts)
    return f"{HEAD}Content-Type: multipart/alternative; boundary=b\r\n\r\n{body}--b--\r\n".encode()


def album() -> bytes:
    """Three photographs, a megabyte and a half."""
    noise = Image.frombytes("RGB", (600, 450), random.Random(1022).randbytes(600 * 450 * 3))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=90)
    encoded = base64.encodebytes(out.getvalue()).decode()
    photo = f"--b\r\nContent-Type: image/jpeg; name=a.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n"
    words = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{WORDS}\r\n"
    return f"{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{words}{photo * 3}--b--\r\n".encode()


def rate(mails: Sequence[bytes]) -> float:
    """Mails a second of CPU."""
    done, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < SECONDS:
        for mail in mails:
            try:
                reading.read(RAW, mail, CONFIG)
            except UnreadableError:
                pass
        done += len(mails)
    return done / spent


def main() -> int:
    ugly = [path.read_bytes() for path in sorted(UGLY.glob("*.eml"))]
    long = album()
    figures = {
        "ugly_mails_per_second": round(rate(ugly)),
        "budget": BUDGET,
        "ugly_mails": len(ugly),
        "answers_per_second": round(rate([answer()])),
        "albums_per_second": round(rate([long])),
        "album_bytes": len(long),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures))
    return 0 if figures["ugly_mails_per_second"] >= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
