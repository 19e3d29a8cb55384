"""A posted form of GeoReport v2, checked field by field, as a Report."""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import isfinite
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now
from django.utils.translation import gettext as _

from caunoi.accounts.models import Key
from caunoi.api.open311.reply import BadRequestError
from caunoi.channels.adapters.app import App
from caunoi.directory import queries as directory
from caunoi.directory.models import Area, Category
from caunoi.events.actor import Actor
from caunoi.files.actions import check, store
from caunoi.files.pictures import BadPictureError
from caunoi.lib.numbers import phone
from caunoi.spool.deposit import Deposit, token_of
from caunoi.tickets.lifecycle import Kind
from caunoi.tickets.report import Report, Reporter

# The longest of each field, in characters; what is not named here may be as long as LONGEST. The text has an option.
LONGEST = 2000
LIMITS = {
    "address_string": 300,
    "address_id": 20,
    "service_code": 40,
    "lat": 40,
    "long": 40,
    "email": 254,
    "phone": 40,
    "first_name": 60,
    "last_name": 60,
    "device_id": 200,
    "account_id": 200,
    "once": 150,
    "jurisdiction_id": 200,
}
MEGABYTE = 1024 * 1024
ONCE = "caunoi.open311.once"
SKEW = timedelta(minutes=10)  # a phone's clock may be so far ahead


def _check(form: QueryDict) -> None:
    """Every field is text that can be kept, of a length that can be kept."""
    longest = {**LIMITS, "description": directory.last_option("text_limit")}
    for name, values in form.lists():
        for value in (name, *values):
            if "\x00" in value or "\ufffd" in value:
                raise BadRequestError(400, _("%s holds bytes that are not text. Send UTF-8 without NUL.") % ascii(name))
        if len(name) > 100 or any(len(value) > longest.get(name, LONGEST) for value in values):
            limits = {"field": name[:100], "limit": longest.get(name, LONGEST)}
            raise BadRequestError(400, _("%(field)s is too long: at most %(limit)s characters.") % limits)


def _service_code(form: QueryDict) -> str:
    code = form.get("service_code", "").strip()
    if not code:
        raise BadRequestError(400, _("service_code is missing: take one from the list of services."))
    return code


def _service(form: QueryDict) -> Category:
    code = _service_code(form)
    if (category := directory.category(code)) is None:
        raise BadRequestError(400, _("There is no service “%s”; see the list of services.") % code)
    return category


def _number(form: QueryDict, name: str, limit: int) -> float:
    try:
        value = float(form.get(name, ""))
    except ValueError:
        value = float("nan")
    if not isfinite(value) or abs(value) > limit:
        raise BadRequestError(400, _("%s must be a number of degrees (WGS 84) with a decimal point.") % name)
    return value


def _check_place(pin: list[str], place: str) -> None:
    if len(pin) == 1:
        raise BadRequestError(400, _("Send lat and long together."))
    if not (pin or place):
        raise BadRequestError(
            400, _("Where is it? Send lat and long, or address_string, or address_id (the code of a commune).")
        )


def _place(form: QueryDict) -> tuple[Area | None, str, float | None, float | None]:
    """Area, address, latitude, longitude; at least one of pin, address and area is there, and the pin lies with us."""
    latitude = longitude = area = None
    pin = [name for name in ("lat", "long") if form.get(name, "").strip()]
    address, unit = form.get("address_string", "").strip(), form.get("address_id", "").strip()
    _check_place(pin, address or unit)
    if unit:
        area = directory.area(unit)
        if area is None or area.parent_id is None:
            raise BadRequestError(400, _("address_id must be the code of a commune of ours that is in force today."))
    if pin:
        latitude, longitude = _number(form, "lat", 90), _number(form, "long", 180)
        here = directory.area_at(latitude, longitude)
        if here is None and directory.ground():
            where = {"place": directory.option("place"), "lat": latitude, "long": longitude}
            advice = _("The point %(lat)s, %(long)s lies outside %(place)s. Move it, or report to the hotline there.")
            raise BadRequestError(400, advice % where)
        area = here or area
    return area, address, latitude, longitude


def _reporter(form: QueryDict) -> Reporter:
    name = f"{form.get('last_name', '').strip()} {form.get('first_name', '').strip()}".strip()  # in Vietnamese order
    number, email = form.get("phone", "").strip(), form.get("email", "").strip()
    parsed = phone.parse(number) if number else None
    if number and not (parsed and (parsed.e164 or parsed.kind == "hidden")):
        raise BadRequestError(400, _("phone is not a number we can call; write it like 0912 345 678, or leave it out."))
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise BadRequestError(400, _("email must look like name@example.vn; else leave it out.")) from None
    return Reporter(name=name, phone=(parsed.e164 or "") if parsed else "", email=email)


def _kind(form: QueryDict, service: Category) -> Kind:
    value = form.get("attribute[kind]", "").strip()
    try:
        return Kind(value or service.kind)
    except ValueError:
        raise BadRequestError(400, _("attribute[kind] must be one of %s.") % ", ".join(Kind)) from None


def _occurred(form: QueryDict) -> datetime | None:
    value = form.get("attribute[occurred]", "").strip()
    if not value:
        return None
    try:
        at = parse_datetime(value)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadRequestError(
            400, _("attribute[occurred] must be a time with an offset, such as 2026-11-25T08:30:00+07:00.")
        )
    if at > now() + SKEW:
        raise BadRequestError(400, _("attribute[occurred] lies in the future."))
    return at


def _photos[T](request: HttpRequest, take: Callable[[bytes], T]) -> list[T]:
    """Pictures sent along as files `media`, which several clients do beyond the spec; `take`: BadPictureError."""
    files = request.FILES.getlist("media")
    most, largest = directory.last_option("photo_limit"), directory.last_option("photo_megabytes")
    if len(files) > most or any((file.size or 0) > largest * MEGABYTE for file in files):
        limits = {"most": most, "largest": largest}
        raise BadRequestError(400, _("Send at most %(most)s photos of at most %(largest)s MB each.") % limits)
    for file in files:
        file.seek(0)
    try:
        return [take(file.read()) for file in files]
    except BadPictureError:
        raise BadRequestError(400, _("A photo could not be read: send JPEG, PNG, WebP or HEIC.")) from None


def _checked(data: bytes) -> bytes:
    check(data)
    return data


def _description(form: QueryDict) -> str:
    text = form.get("description", "").strip()
    if not text:
        raise BadRequestError(400, _("description is missing: what happened?"))
    return text


def _raw(form: QueryDict) -> dict[str, Any]:
    return {k: v[0] if len(v) == 1 else v for k, v in form.lists() if k != "api_key"}


def _once(request: HttpRequest, form: QueryDict, key: Key) -> str:
    """What a repeated sending has in common with the first: the app's own word, else nothing."""
    own = request.headers.get("Idempotency-Key", "").strip() or form.get("once", "").strip()
    if len(own) > LIMITS["once"] or not own.isprintable():
        raise BadRequestError(400, _("An idempotency key has at most 150 printable characters."))
    if not own:  # the same for as long as this request lasts, whatever is tried with it
        own = request.META.setdefault(ONCE, uuid4().hex)
    return f"{key.pk}:{own}"


def read(request: HttpRequest, key: Key, by: Actor) -> Report:
    """The report in a POST; Wrong names the first field that is missing or bad, and what to do."""
    form = request.POST
    _check(form)
    service = _service(form)
    text = _description(form)
    area, address, latitude, longitude = _place(form)
    kind, occurred, reporter = _kind(form, service), _occurred(form), _reporter(form)
    once = _once(request, form, key)
    return Report(
        text=text,
        channel=App.key,
        once=once,
        raw=_raw(form),
        kind=kind,
        category_id=service.pk,
        area_id=area.pk if area else None,
        address=address,
        latitude=latitude,
        longitude=longitude,
        occurred=occurred,
        reporter=reporter,
        photos=_photos(request, lambda data: store(data, by=by).pk),
    )


def deposit(request: HttpRequest, key: Key) -> Deposit:
    """The same where there is no primary: all that can be checked without one is, as `read` does."""
    form = request.POST
    _check(form)
    service, text, once = _service_code(form), _description(form), _once(request, form, key)
    names = [name for name in ("lat", "long") if form.get(name, "").strip()]
    address, unit = form.get("address_string", "").strip(), form.get("address_id", "").strip()
    _check_place(names, address or unit)
    pin = {name: _number(form, name, most) for name, most in (("lat", 90), ("long", 180)) if names}
    reporter, occurred = _reporter(form), _occurred(form)
    data = {
        "text": text,
        "category": service,
        "kind": form.get("attribute[kind]", "").strip(),
        "address": address,
        "area": unit,
        "occurred": occurred.isoformat() if occurred else "",
        **pin,
        "name": reporter.name,
        "phone": reporter.phone,
        "email": reporter.email,
    }
    return Deposit(
        token=token_of(once),
        once=once,
        at=now(),
        channel=App.key,
        data=data,
        raw=_raw(form),
        photos=_photos(request, _checked),
        key=key.pk,
    )
