"""Three sellers of brand-name messages: FPT's token and base64, Viettel's SOAP, VNPT's template."""

import base64
import re
import time
from html import unescape
from itertools import count
from typing import Any

from tests.providers.server import Call, Provider, Told

STYLES = ("fpt", "viettel", "vnpt")


class Sms(Provider):
    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.brand, self.user, self.password = "TD1022", "demo", "demo-password"
        self.number = count(1)
        self.token, self.expires = "", 0.0
        self.sent: list[dict[str, str]] = []
        self.seen: dict[str, str] = {}  # our reference → theirs
        self.refused: set[str] = set()  # numbers on no network

    def settings(self, style: str = "vnpt") -> dict[str, Any]:
        path = {"fpt": "/api/push-brandname-otp", "viettel": "/bulkapi", "vnpt": "/smsbrandname"}[style]
        more = {"token_url": f"{self.url}/oauth2/token"} if style == "fpt" else {}
        return {
            "preset": style,
            "url": self.url + path,
            "brand": self.brand,
            "user": self.user,
            **more,
            "values": "label = 9\ncontract = 8\ntemplate = 7\nagent = 6\nusername = demo\ncpcode = DEMO",
        }

    def secrets(self) -> dict[str, str]:
        return {"password": self.password, "hook_secret": "demo-sms-secret"}

    def handle(self, call: Call) -> Told:
        match call.path:
            case "/oauth2/token":
                if call.json.get("client_secret") != self.password:
                    return Told(401, {"error": 1001, "error_description": "Invalid client"})
                self.token, self.expires = f"token-{next(self.number)}", time.time() + 3600
                return Told(body={"access_token": self.token, "expires_in": 3600, "token_type": "Bearer"})
            case "/api/push-brandname-otp":
                said = call.json
                if said["access_token"] != self.token or time.time() > self.expires:
                    return Told(400, {"error": 1011, "error_description": "Access token is invalid or expired"})
                text = base64.b64decode(said["Message"]).decode()
                took = self._took(said["Phone"], text, said["RequestId"], said["BrandName"])
                return (
                    Told(body={"MessageId": took}) if took else Told(400, {"error": 1013, "error_description": "phone"})
                )
            case "/bulkapi":
                return self._soap(call.body.decode())
            case "/smsbrandname":
                said = call.json["RQST"]
                if said["APIPASS"] != self.password:
                    return Told(body={"RPLY": {"name": "send_sms_list", "ERROR": "7", "ERROR_DESC": "auth"}})
                text = said["PARAMS"][0]["CONTENT"]
                took = self._took(said["MOBILELIST"], text, said["REQID"], "by label")
                return Told(body={"RPLY": {"name": "send_sms_list", "ERROR": "0" if took else "31", "ERROR_DESC": ""}})
        return Told(404, {})

    def _soap(self, body: str) -> Told:
        said = {
            name: unescape(match[1])
            for name in ("Password", "ReceiverID", "Content", "ServiceID", "RequestID")
            if (match := re.search(f"<{name}>(.*?)</{name}>", body, re.S))
        }
        good = said["Password"] == self.password
        took = good and self._took(said["ReceiverID"], said["Content"], said["RequestID"], said["ServiceID"])
        answer = f"<message>{'OK' if took else 'no'}</message><result>{int(bool(took))}</result>"
        xml = f"<S:Body><return>{answer}</return></S:Body>"
        return Told(200, xml.encode(), {"Content-Type": "text/xml"})

    def _took(self, to: str, text: str, reference: str, brand: str) -> str:
        """A message once, by the client's reference."""
        if to in self.refused or not re.fullmatch(r"84\d{9}", to):
            return ""
        if reference not in self.seen:
            self.seen[reference] = f"s{next(self.number)}"
            self.sent.append({"to": to, "text": text, "reference": reference, "brand": brand})
        return self.seen[reference]
