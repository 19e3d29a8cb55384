"""What Facebook posts to our webhook, taken apart and translated: Messenger, and the feed of a Page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from caunoi.channels import wire
from caunoi.channels.base import Does, Inbound, Media, Parcel, UnreadableError

POSTS = {"post", "status", "photo", "video", "share"}
MEDIA = {"image": "image", "video": "video", "audio": "audio", "file": "file", "reel": "video"}


def understood(event: Mapping[str, Any], *, page: str = "") -> Sequence[Inbound]:
    """What one parcel means to us; nothing for what does not concern us. `page` is our own id. UnreadableError."""
    page = page or wire.text(event.get("page"))
    if "messaging" in event:
        return list(_message(wire.mapping(event["messaging"]), page))
    if "change" in event:
        return list(_change(wire.mapping(event["change"]), page, event.get("time")))
    raise UnreadableError("no event of a Page")


def parcels(body: Mapping[str, Any]) -> Iterator[Parcel]:
    """Each event of each entry by itself."""
    for entry in map(wire.mapping, wire.many(body.get("entry"))):
        page = wire.short(entry, "id")
        for event in map(wire.mapping, wire.many(entry.get("messaging"))):
            yield Parcel(external_id=_event_id(event), raw={"page": page, "messaging": event})
        for change in map(wire.mapping, wire.many(entry.get("changes"))):
            raw = {"page": page, "time": entry.get("time"), "change": change}
            yield Parcel(external_id=_change_id(change, entry.get("time")), raw=raw)


def _canonical(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, sort_keys=True).encode()


def _event_id(event: Mapping[str, Any]) -> str:
    message, postback = wire.mapping(event.get("message")), wire.mapping(event.get("postback"))
    mid = wire.text(message.get("mid") or postback.get("mid"))
    if mid and message.get("is_deleted"):
        mid += ":removed"
    if edit := wire.mapping(event.get("message_edit")):
        mid = (
            f"{wire.text(edit.get('mid'))}:edit:{wire.text(edit.get('num_edit')) or wire.text(event.get('timestamp'))}"
        )
    return wire.identity(mid, _canonical(event))


def _change_id(change: Mapping[str, Any], time: Any) -> str:
    """A comment is one parcel however often it is sent; what happens to it afterwards has a time of its own."""
    value = wire.mapping(change.get("value"))
    name, verb = wire.text(value.get("comment_id") or value.get("post_id")), wire.text(value.get("verb"))
    when = wire.text(value.get("created_time") if verb == "add" else time or value.get("created_time"))
    if value.get("item") != "comment" and verb != "add":
        name = ""
    return wire.identity(f"{name}:{verb}:{when}" if name else "", _canonical({**change, "time": time}))


def _message(event: Mapping[str, Any], page: str) -> Iterator[Inbound]:
    sender = wire.short(wire.mapping(event.get("sender")), "id")
    message, edit = wire.mapping(event.get("message")), wire.mapping(event.get("message_edit"))
    if message.get("is_echo") or sender == page or not (sender or "message" in event):
        return
    at = wire.moment(event.get("timestamp"))
    if message and not sender:
        raise UnreadableError("nobody sent it")
    if message.get("is_deleted"):
        yield Inbound(does=Does.REMOVE, sender=sender, at=at, refers=wire.short(message, "mid"))
    elif message:
        yield _inbound(message, sender, at)
    elif edit:
        words, mid = wire.text(edit.get("text")), wire.short(edit, "mid")
        yield Inbound(does=Does.EDIT, sender=sender, at=at, refers=mid, text=words)
    elif postback := wire.mapping(event.get("postback")):
        yield Inbound(
            external_id=wire.short(postback, "mid"),
            sender=sender,
            at=at,
            text=wire.text(postback.get("title")) or wire.text(postback.get("payload")),
            extra={"payload": wire.text(postback.get("payload"))},
        )
    elif delivery := wire.mapping(event.get("delivery")):
        until = wire.moment(delivery.get("watermark") or event.get("timestamp"))
        for mid in [wire.text(each) for each in wire.many(delivery.get("mids"))] or [""]:
            yield Inbound(does=Does.DELIVERED, sender=sender, at=until, refers=mid)
    elif seen := wire.mapping(event.get("read")):
        until = wire.moment(seen.get("watermark") or event.get("timestamp"))
        yield Inbound(does=Does.READ, sender=sender, at=until)


def _inbound(message: Mapping[str, Any], sender: str, at: datetime) -> Inbound:
    media, lines, where = [], [], None
    for each in map(wire.mapping, wire.many(message.get("attachments"))):
        kind, payload = wire.text(each.get("type")), wire.mapping(each.get("payload"))
        url, title = (
            wire.text(payload.get("url") or each.get("url")),
            wire.text(each.get("title") or payload.get("title")),
        )
        spot = wire.mapping(payload.get("coordinates"))
        if kind == "location":
            where = wire.place(spot.get("lat"), spot.get("long"), title) or where
        elif payload.get("sticker_id") or message.get("sticker_id"):
            media.append(Media(kind="sticker", url=url, name=wire.text(payload.get("sticker_id"))))
        elif kind in MEDIA and url:
            media.append(Media(kind=MEDIA[kind], url=url, name=wire.text(payload.get("name"))))
        else:
            lines += [title, url]
    words = wire.text(message.get("text"))
    words = "\n".join([words, *(line for line in lines if line and line not in words)]).strip()
    if not (words or media or where):
        raise UnreadableError("a message of a kind that Facebook does not show us")
    reply = wire.mapping(wire.mapping(message.get("quick_reply")))
    extra = {"payload": wire.text(reply.get("payload"))} if reply else {}
    return Inbound(
        external_id=wire.short(message, "mid"),
        sender=sender,
        at=at,
        text=words,
        media=media,
        place=where,
        refers=wire.short(wire.mapping(message.get("reply_to")), "mid"),
        extra=extra,
    )


def _change(change: Mapping[str, Any], page: str, time: Any) -> Iterator[Inbound]:
    """A comment, or what a visitor writes on the Page. Each post is a thread with each person."""
    value = wire.mapping(change.get("value"))
    item, verb, who = wire.text(value.get("item")), wire.text(value.get("verb")), wire.mapping(value.get("from"))
    post, comment = wire.short(value, "post_id"), wire.short(value, "comment_id")
    own = comment if item == "comment" else post if item in POSTS else ""
    person = wire.short(who, "id") or own
    if change.get("field") != "feed" or not own or person == page:
        return
    thread, parent = post or own, wire.short(value, "parent_id")
    if verb == "remove" or (verb in ("edit", "edited") and item == "comment"):
        at = wire.moment(time or value.get("created_time"))
        does = Does.REMOVE if verb == "remove" else Does.EDIT
        words = wire.text(value.get("message")) if does is Does.EDIT else ""
        yield Inbound(does=does, sender=person, thread=thread, at=at, refers=own, text=words, public=True)
    elif verb == "add":
        photos = [value.get("photo"), *wire.many(value.get("photos"))] if item != "video" else []
        attachments = [("image", wire.text(each)) for each in photos] + [("video", wire.text(value.get("video")))]
        if item in ("photo", "video") and not any(url for _, url in attachments):
            attachments = [("image" if item == "photo" else "video", wire.text(value.get("link")))]
        media = [Media(kind=kind, url=url) for kind, url in dict.fromkeys(attachments) if url]
        words = wire.text(value.get("message"))
        if not (words or media):
            raise UnreadableError("a comment with nothing in it that Facebook shows us")
        yield Inbound(
            external_id=own,
            sender=person,
            thread=thread,
            name=wire.text(who.get("name"))[:120],
            at=wire.moment(value.get("created_time") or time),
            text=words,
            media=media,
            public=True,
            refers=parent if parent not in ("", post) else "",
            extra={"post": post, "link": wire.text(wire.mapping(value.get("post")).get("permalink_url"))},
        )
