"""The events that Zalo posts to our webhook, in our words (developers.zalo.me, Official Account, Webhook)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from caunoi.channels import wire
from caunoi.channels.base import Does, Inbound, Media, UnreadableError
from caunoi.lib.numbers import phone

ANONYMOUS = "anonymous"
"""Somebody without a Zalo account: their address is anonymous/<person>/<conversation>."""
SAYS = re.compile(r"(user|anonymous)_send_(?!group_)\w+")
MEDIA = {"image": "image", "gif": "image", "video": "video", "audio": "audio", "file": "file", "sticker": "sticker"}


def understood(event: Mapping[str, Any], *, ours: str = "") -> Sequence[Inbound]:
    """What an event means to us; nothing for what does not concern us. `ours` is the account's own id.
    UnreadableError."""
    name = wire.text(event.get("event_name"))
    if not name:
        raise UnreadableError("no event of Zalo")
    if SAYS.fullmatch(name):
        return [_says(name, event)]
    message = wire.mapping(event.get("message"))
    if name == "user_received_message":
        at = wire.moment(message.get("delivery_time") or event.get("timestamp"))
        return [Inbound(does=Does.DELIVERED, sender=_other(event, ours), refers=wire.short(message, "msg_id"), at=at)]
    if name == "user_seen_message":
        seen = [wire.text(each) for each in wire.many(message.get("msg_ids"))] or [wire.short(message, "msg_id")]
        who, at = _other(event, ours), wire.moment(event.get("timestamp"))
        return [Inbound(does=Does.READ, sender=who, refers=each, at=at) for each in dict.fromkeys(seen) if each]
    if name == "user_submit_info":
        return [_introduces(event)]
    if name == "user_withdraw":
        sender = wire.short(event, "user_id")
        return [Inbound(does=Does.FORGET, sender=sender, at=wire.moment(event.get("timestamp")))] if sender else []
    return []  # echoes of what we sent, follows, reactions, groups, calls, shop, news of templates


def _says(name: str, event: Mapping[str, Any]) -> Inbound:
    message, media, lines, where = wire.mapping(event.get("message")), [], [], None
    for each in wire.many(message.get("attachments")):
        kind = wire.text(wire.mapping(each).get("type"))
        payload = wire.mapping(wire.mapping(each).get("payload"))
        url = wire.text(payload.get("url"))
        if kind == "location":
            spot = wire.mapping(payload.get("coordinates"))
            where = wire.place(spot.get("latitude"), spot.get("longitude")) or where
        elif kind in MEDIA and url:
            media.append(Media(kind=MEDIA[kind], url=url, name=wire.text(payload.get("name"))))
        else:
            lines += [_card(wire.text(payload.get("description"))) or wire.text(payload.get("title")), url]
    if spot := wire.mapping(message.get("location")):
        where = wire.place(spot.get("latitude"), spot.get("longitude")) or where
    words = wire.text(message.get("text"))
    words = "\n".join([words, *(line for line in lines if line and line not in words)]).strip()
    if not (words or media or where):
        raise UnreadableError(f"{name} with nothing in it")
    sender = wire.short(wire.mapping(event.get("sender")), "id")
    if not sender:
        raise UnreadableError("nobody sent it")
    if name.startswith(ANONYMOUS):
        sender = f"{ANONYMOUS}/{sender}/{wire.short(message, 'conversation_id')}"
    return Inbound(
        external_id=wire.short(message, "msg_id"),
        sender=sender,
        at=wire.moment(event.get("timestamp")),
        text=words,
        media=media,
        place=where,
        refers=wire.short(message, "quote_msg_id"),
        extra={"event": name},
    )


def _card(description: str) -> str:
    """A business card comes as JSON in its description: its name and number."""
    if not description.startswith("{"):
        return description
    try:
        card = wire.mapping(wire.parsed(description.encode()))
    except UnreadableError:
        return description
    return " ".join(wire.text(card.get(key)) for key in ("name", "phone", "caption") if card.get(key))


def _introduces(event: Mapping[str, Any]) -> Inbound:
    """Name and number as typed into Zalo's form: the number is a claim, not proof."""
    info = wire.mapping(event.get("info"))
    sender = wire.short(wire.mapping(event.get("sender")), "id")
    if not sender:
        raise UnreadableError("nobody sent it")
    number = phone.parse(wire.text(info.get("phone")))
    home = wire.mapping(info.get("full_address"))
    parts = [home.get("user_address"), home.get("user_ward"), home.get("user_city")]
    parts = parts if any(parts) else [info.get("address"), info.get("ward"), info.get("district"), info.get("city")]
    return Inbound(
        does=Does.INTRODUCE,
        sender=sender,
        name=wire.text(info.get("name"))[:120],
        claims=number.e164 or "" if number else "",
        at=wire.moment(event.get("timestamp")),
        extra={"address": ", ".join(wire.text(part) for part in parts if part)[:300]},
    )


def _other(event: Mapping[str, Any], ours: str) -> str:
    """The citizen in a delivery report, where sender and recipient are sometimes swapped."""
    ids = [wire.short(wire.mapping(event.get(side)), "id") for side in ("recipient", "sender")]
    return next((each for each in ids if each and each != ours), "")
