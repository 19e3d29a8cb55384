"""A machine that calls at a door of the gateway, without an event loop: what it is told, and what is kept of it."""

from http import HTTPStatus
from types import SimpleNamespace
from urllib.parse import urlsplit

from django.db import connection

from caunoi.channels.base import Reply
from caunoi.conversations.actions.receipts import COUNT_FORGERIES, KEEP, columns
from caunoi.web import cti, hooks
from caunoi.web.gateway import Call, Forgery, Stored


def write(statement, values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


class Machine:
    def generic(self, method, path, data=b"", content_type="", headers=None):
        door = next(door for door in (hooks.DOOR, cti.DOOR) if path.startswith(door.path))
        url, body = urlsplit(path), data.encode() if isinstance(data, str) else data
        call = Call(
            name=url.path.removeprefix(door.path).removesuffix("/"),
            method=method,
            query=url.query,
            headers={"content-type": content_type, **{k.lower(): v for k, v in (headers or {}).items()}},
            body=body,
        )
        result = door.open(door.read(), call)
        if isinstance(result, Forgery):
            write(COUNT_FORGERIES, [result.inbox, 1])
            result = HTTPStatus.FORBIDDEN
        if isinstance(result, Stored):
            write(KEEP, columns(result.rows))
            result = result.reply
        if not isinstance(result, Reply | HTTPStatus):
            write(KEEP, columns(result))
            result = HTTPStatus.OK
        reply = result if isinstance(result, Reply) else door.reply(result)
        return SimpleNamespace(status_code=int(reply.status), content=reply.body.encode())

    def get(self, path):
        return self.generic("GET", path)

    def put(self, path):
        return self.generic("PUT", path)

    def post(self, path, data, content_type="application/json", headers=None):
        return self.generic("POST", path, data, content_type, headers)
