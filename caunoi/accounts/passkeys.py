"""Passkeys (WebAuthn, level 3): a device or password manager signs our challenge, after it has checked its owner by
finger, face or PIN. The key works at this site's name only, so that no other site can ask for it."""

import json
import re
import secrets
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from caunoi.accounts.models import Passkey, User
from caunoi.accounts.queries import refused
from caunoi.events.actions import record

TIMEOUT = 120_000  # milliseconds that a browser waits for its owner
MOST = 20  # passkeys of a person
NUMBER = re.compile(r"[\d.]+|.*:.*")
BROKEN = (WebAuthnException, ValueError, KeyError, TypeError)  # what somebody else's bytes lead to


class WrongPasskeyError(ValueError):
    """What a browser sent proves nothing."""


def can_have(host: str) -> bool:
    """Whether browsers make passkeys for a site of this name: not for a mere IP address."""
    return bool(host) and not NUMBER.fullmatch(host)


def _descriptors(rows: Any) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in rows]


def creation(user: User, host: str, site: str) -> tuple[dict[str, Any], str]:
    """What the browser needs to make a passkey for the site `host`, called `site`, and the challenge that it must
    sign (base64url)."""
    rows = list(user.passkeys.all())
    handle = rows[0].handle if rows else bytes_to_base64url(secrets.token_bytes(32))
    options = generate_registration_options(
        rp_id=host,
        rp_name=site,
        user_id=base64url_to_bytes(handle),
        user_name=user.username,
        user_display_name=str(user),
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(row for row in rows if row.host == host),
    )
    return json.loads(options_to_json(options)), bytes_to_base64url(options.challenge)


def request(user: User | None, host: str) -> tuple[dict[str, Any], str]:
    """What the browser needs to show a passkey: one of somebody's, or with None any that it has for this site; and the
    challenge."""
    rows = user.passkeys.filter(host=host) if user else ()
    options = generate_authentication_options(
        rp_id=host,
        timeout=TIMEOUT,
        allow_credentials=_descriptors(rows),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.loads(options_to_json(options)), bytes_to_base64url(options.challenge)


def usable(user: User, host: str) -> bool:
    """Whether somebody has a passkey for the site of this name."""
    return user.passkeys.filter(host=host).exists()


@transaction.atomic
def add(user: User, answer: str, *, challenge: str, host: str, origins: list[str], handle: str, name: str) -> Passkey:
    """The passkey that a browser has made. WrongPasskeyError for what is none, or not the answer to `challenge`."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host,
            expected_origin=origins,
            require_user_verification=True,
        )
    except BROKEN as error:
        raise WrongPasskeyError(str(error)) from error
    credential = bytes_to_base64url(made.credential_id)
    User.objects.select_for_update().get(pk=user.pk)
    if Passkey.objects.filter(credential=credential).exists() or user.passkeys.count() >= MOST:
        raise WrongPasskeyError("taken")
    row = Passkey.objects.create(
        user=user,
        credential=credential,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        handle=handle,
        host=host,
        name=name,
        created=now(),
    )
    record("factor.add", user, by=user.as_actor(), username=user.username, way="passkey")
    return row


@transaction.atomic
def owner(answer: str, *, challenge: str, host: str, origins: list[str]) -> User:
    """Whose passkey has signed the challenge. WrongPasskeyError when nobody's has, or a copy of one did, or the account
    is closed."""
    try:
        credential = str(json.loads(answer)["id"])
        row = (
            Passkey.objects.select_for_update(of=("self",)).select_related("user").filter(credential=credential).first()
        )
        if row is None or row.host != host:
            raise WrongPasskeyError("unknown")
        proved = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=host,
            expected_origin=origins,
            credential_public_key=bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except BROKEN as error:
        raise WrongPasskeyError(str(error)) from error
    if not row.user.is_active or refused(row.user):
        raise WrongPasskeyError("closed")
    row.sign_count, row.used = proved.new_sign_count, now()
    row.save(update_fields=["sign_count", "used"])
    return row.user
