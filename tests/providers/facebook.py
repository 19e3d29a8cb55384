"""The Graph API as its documents describe it: 24 hours, HUMAN_AGENT, one private reply to a comment, codes in a 400."""

import hmac
import json
import time
from itertools import count
from typing import Any

from tests.providers.server import Call, Provider, Told

DAY = 86400


class Facebook(Provider):
    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.page, self.app_secret, self.token = "660001", "demo-facebook-secret", "demo-page-token"
        self.number = count(1)
        self.heard: dict[str, float] = {}
        self.comments: dict[str, float] = {}  # comment → when it was written
        self.answered: set[str] = set()  # privately
        self.sent: list[dict[str, Any]] = []

    def settings(self) -> dict[str, Any]:
        return {"page_id": self.page, "api_base": self.url}

    def secrets(self) -> dict[str, str]:
        return {"app_secret": self.app_secret, "verify_token": "demo-verify", "page_token": self.token}

    def sign(self, body: bytes) -> dict[str, str]:
        mac = hmac.digest(self.app_secret.encode(), body, "sha256").hex()
        return {"content-type": "application/json", "x-hub-signature-256": f"sha256={mac}"}

    def says(self, person: str, text: str) -> tuple[dict[str, str], bytes]:
        """A webhook call: headers, body."""
        self.heard[person] = time.time()
        stamp = int(time.time() * 1000)
        event = {
            "sender": {"id": person},
            "recipient": {"id": self.page},
            "timestamp": stamp,
            "message": {"mid": f"m_in{next(self.number)}", "text": text},
        }
        body = json.dumps(
            {"object": "page", "entry": [{"id": self.page, "time": stamp, "messaging": [event]}]}
        ).encode()
        return self.sign(body), body

    def handle(self, call: Call) -> Told:
        proof = hmac.digest(self.app_secret.encode(), self.token.encode(), "sha256").hex()
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return _error(190, "Error validating access token", 463)
        if call.query.get("appsecret_proof") != proof:
            return _error(100, "Invalid appsecret_proof provided in the API argument")
        _, version, *path = call.path.split("/")
        if not version.startswith("v"):
            return _error(2500, "Unknown path components")
        if path[-1] == "messages":
            return self._message(call.json)
        if path[-1] == "comments" and path[0] in self.comments:
            return self._took({"under": path[0], "text": call.json["message"]}, id=f"{self.page}_{next(self.number)}")
        return _error(100, "Unsupported post request", 33)

    def _message(self, asked: dict[str, Any]) -> Told:
        to, text = asked["recipient"], asked["message"]["text"]
        if len(text) > 2000:
            return _error(100, "Length of param message[text] must be less than or equal to 2000")
        if comment := to.get("comment_id") or to.get("post_id"):
            if comment in self.answered:
                return _error(10900, "Activity already replied to")
            if time.time() - self.comments.get(comment, 0) > 7 * DAY:
                return _error(10903, "This user can't reply to this activity")
            self.answered.add(comment)
            return self._took({"private": comment, "text": text})
        age = time.time() - self.heard.get(to["id"], 0)
        if age > (7 * DAY if asked.get("tag") == "HUMAN_AGENT" else DAY):
            return _error(10, "This message is sent outside of allowed window.", 2018278)
        return self._took({"to": to["id"], "text": text, "tag": asked.get("tag", "")})

    def _took(self, what: dict[str, Any], **named: str) -> Told:
        named = named or {"message_id": f"m_out{next(self.number)}"}
        self.sent.append({**named, **what})
        return Told(body=named)


def _error(code: int, message: str, sub: int = 0) -> Told:
    return Told(400, {"error": {"message": message, "type": "OAuthException", "code": code, "error_subcode": sub}})
