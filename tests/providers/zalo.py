"""Zalo as its documents describe it: an error in a 200, tokens that die, 48 hours and 7 days, templates."""

import json
import time
from hashlib import sha256
from itertools import count
from typing import Any

from tests.providers.server import Call, Provider, Told

FREE, PAID, TOKEN = 48 * 3600, 7 * 86400, 25 * 3600
FREE_MESSAGES = 8


class Zalo(Provider):
    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.app_id, self.oa_id, self.oa_secret, self.app_secret = "1022", "7770001", "demo-zalo-secret", "demo-app"
        self.number = count(1)
        self.refresh, self.used = "refresh-0", set()
        self.access, self.expires = "access-0", time.time() + TOKEN
        self.heard: dict[str, float] = {}  # person → when they last wrote
        self.free: dict[str, int] = {}
        self.sent: list[dict[str, Any]] = []  # to, text or template, paid
        self.templates = {"555001": {"code", "state"}}
        self.night = self.dead = False

    def settings(self) -> dict[str, Any]:
        """Config of an inbox that talks to this one."""
        bases = dict.fromkeys(("api_base", "zns_base", "oauth_base"), self.url)
        return {"app_id": self.app_id, "oa_id": self.oa_id, "templates": "ticket.answer = 555001", **bases}

    def secrets(self) -> dict[str, str]:
        return {
            "oa_secret": self.oa_secret,
            "app_secret": self.app_secret,
            "access_token": self.access,
            "refresh_token": self.refresh,
        }

    def writes(self, person: str) -> None:
        """Somebody writes to the account: the window is open."""
        self.heard[person], self.free[person] = time.time(), FREE_MESSAGES

    def expire(self) -> None:
        self.expires = 0

    def event(self, name: str, **more: Any) -> tuple[dict[str, str], bytes]:
        """A webhook call: headers, body."""
        stamp = str(int(time.time() * 1000))
        event = {"app_id": self.app_id, "recipient": {"id": self.oa_id}, "event_name": name, **more, "timestamp": stamp}
        body = json.dumps(event, ensure_ascii=False).encode()
        return {"content-type": "application/json", "x-zevent-signature": self.sign(body, stamp)}, body

    def sign(self, body: bytes, stamp: str) -> str:
        return "mac=" + sha256(self.app_id.encode() + body + stamp.encode() + self.oa_secret.encode()).hexdigest()

    def says(self, person: str, text: str) -> tuple[dict[str, str], bytes]:
        self.writes(person)
        message = {"text": text, "msg_id": f"in-{next(self.number)}"}
        return self.event("user_send_text", sender={"id": person}, message=message)

    def handle(self, call: Call) -> Told:
        match call.method, call.path:
            case "POST", "/v4/oa/access_token":
                return Told(body=self._renew(call))
            case "POST", "/v3.0/oa/message/cs" | "/v2.0/oa/message":
                return Told(body=self._checked(call, self._consult))
            case "POST", "/message/template" | "/v3.0/oa/message/template":
                return Told(body=self._checked(call, self._template))
        return Told(404, {"error": -106, "message": "Method unsupported"})

    def _renew(self, call: Call) -> dict[str, Any]:
        form, token = call.form, call.form.get("refresh_token", "")
        if call.headers.get("secret_key") != self.app_secret or form.get("app_id") != self.app_id:
            return {"error": -14004, "error_name": "Invalid secret key"}
        if token in self.used:  # somebody has it twice: nobody keeps it
            self.dead = True
        if self.dead or token != self.refresh:
            return {
                "error": -14014,
                "error_name": "Invalid refresh token",
                "error_description": "refresh token is invalid",
            }
        self.used.add(token)
        number = next(self.number)
        self.access, self.refresh, self.expires = f"access-{number}", f"refresh-{number}", time.time() + TOKEN
        return {"access_token": self.access, "refresh_token": self.refresh, "expires_in": str(TOKEN)}

    def _checked(self, call: Call, then: Any) -> dict[str, Any]:
        if call.headers.get("access_token") != self.access or self.dead:
            return {"error": -216, "message": "Access token is invalid"}
        if time.time() > self.expires:
            return {"error": -220, "message": "access_token is expired or removed"}
        return then(call.json)

    def _consult(self, asked: dict[str, Any]) -> dict[str, Any]:
        to, message = asked["recipient"], asked["message"]
        person = to.get("user_id") or to.get("anonymous_id", "")
        text = message.get("text", "")
        if not person or not text or len(text) > 2000:
            return {"error": -201, "message": "text is invalid!"}
        age = time.time() - self.heard.get(person, 0)
        if age > PAID:
            return {"error": -230, "message": "User has not interacted with the OA in the past 7 days"}
        free = age <= FREE and self.free.get(person, 0) > 0
        self.free[person] = self.free.get(person, 0) - free
        return self._took({"to": person, "text": text, "paid": not free, "quote": message.get("quote_message_id")})

    def _template(self, asked: dict[str, Any]) -> dict[str, Any]:
        holes = self.templates.get(asked.get("template_id", ""))
        phone = asked.get("phone", "")
        if holes is None:
            return {"error": -131, "message": "ZNS template not approved"}
        if holes - set(asked.get("template_data", {})):
            return {"error": -1122, "message": "Template data is missing a parameter"}
        if "user_id" not in asked and not (phone.startswith("84") and phone.isdigit()):
            return {"error": -108, "message": "Phone number invalid"}
        if self.night:
            return {"error": -133, "message": "Cannot send at night"}
        return self._took({"to": phone or asked["user_id"], "template": asked["template_data"], "paid": True})

    def _took(self, what: dict[str, Any]) -> dict[str, Any]:
        name = f"out-{next(self.number)}"
        self.sent.append({"id": name, **what})
        return {"error": 0, "message": "Success", "data": {"message_id": name, "msg_id": name}}
