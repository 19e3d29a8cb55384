"""One JSON object a line on stderr: what happened, when, in which request. Never a citizen's words or numbers, nor the
secret in an address."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "request", "response", "server_time"}
SECRET = re.compile(r"/cti/[^/\s?\"']+")


class Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": SECRET.sub("/cti/…", record.getMessage()),
        }
        line |= {k: v for k, v in vars(record).items() if k not in PLAIN and isinstance(v, str | int | float | bool)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
