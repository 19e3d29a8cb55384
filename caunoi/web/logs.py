"""One JSON object a line on stderr: what happened, when, in which request. Never a citizen's words or numbers, nor the
secret in an address."""

import json
import logging
import os
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from caunoi.lib.privacy.secret_links import hide

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "request", "response", "server_time"}


request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; the answer's X-Request-ID."""

source: ContextVar[str] = ContextVar("source", default="")
"""A digest of the address from which the request comes: the same source has the same one until the secret key
changes, and nobody reads the address from it."""

PROCESS = os.environ.get("UP_CHILD", "")  # `up` names its children


class Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": hide(record.getMessage()),
        }
        if PROCESS:
            line["process"] = PROCESS
        if request_id.get():
            line["request"] = request_id.get()
        if source.get():
            line["source"] = source.get()
        for name, value in vars(record).items():
            if name not in PLAIN and isinstance(value, str | int | float | bool):
                line[name] = hide(value) if isinstance(value, str) else value
        if record.exc_info:
            line["trace"] = hide(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
