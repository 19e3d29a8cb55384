"""`python -m bench.terms 100000`: receipts that are due, blanked as the night does it; prints what a row cost."""

import json
import sys
from datetime import timedelta

from caunoi.cli import product  # noqa: F401  makes Django ready

# isort: split

import psutil
from django.db import connection
from django.utils.timezone import now

from caunoi.conversations.models import Inbox, Receipt
from caunoi.privacy import retention

CHUNK = 5000
TEXT = {"event": "user_send_text", "message": {"text": "Đèn đường tắt " * 12, "msg_id": "m" * 40}}


def made(count: int) -> None:
    box, at = Inbox.objects.get(name="web"), now() - timedelta(days=200)
    for begin in range(0, count, CHUNK):
        Receipt.objects.bulk_create(
            Receipt(inbox=box, external_id=f"terms-{begin + n}", at=at, raw=TEXT, state=Receipt.State.READ)
            for n in range(CHUNK)
        )


def used() -> tuple[float, float]:
    """Seconds of processor time of this process and of its backend."""
    own, backend = psutil.Process().cpu_times(), psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return sum(own[:2]), sum(backend[:2])


if __name__ == "__main__":
    made(int(sys.argv[1]))
    before = used()
    rows = retention.run(retention.TERMS["receipts"], 90)
    own, server = (round((late - early) * 1000 / rows, 4) for early, late in zip(before, used()))
    Receipt.objects.filter(external_id__startswith="terms-").delete()
    print(json.dumps({"rows": rows, "own_ms": own, "server_ms": server}))
