"""Time stamps of an authority (RFC 3161): what is asked, and whether what came back proves that a digest was there at a
time. DER is read as far as that needs; signatures are checked by `cryptography`. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
INTEGER, OCTETS, OID, GENERAL_TIME, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
MESSAGE_DIGEST, SHA256 = "1.2.840.113549.1.9.4", "2.16.840.1.101.3.4.2.1"
HASHES: dict[str, hashes.HashAlgorithm] = {
    SHA256: hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
UNREADABLE = (
    ValueError,
    IndexError,
    TypeError,
    AttributeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
)
GRANTED = (0, 1)  # granted, granted with modifications


class StampError(ValueError):
    """What came back is no time stamp of this digest by this authority; the message says why."""


@dataclass(frozen=True)
class _Value:
    """A piece of DER: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def parts(self) -> "list[_Value]":
        return list(_values(self.content))

    @property
    def number(self) -> int:
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def oid(self) -> str:
        first, *rest = self.content
        arcs, value = [min(first // 40, 2), first - 40 * min(first // 40, 2)], 0
        for byte in rest:
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                arcs.append(value)
                value = 0
        return ".".join(map(str, arcs))


def _values(data: bytes) -> Iterator[_Value]:
    at = 0
    while at < len(data):
        begin, tag, length = at, data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        if at + length > len(data):
            raise StampError("it is cut off")
        yield _Value(tag, data[at : at + length], data[begin : at + length])
        at += length


def _der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


_SHA256 = _der(SEQUENCE, _der(OID, bytes.fromhex("608648016503040201")), b"\x05\x00")


def query(digest: bytes, nonce: int) -> bytes:
    """The request for a stamp on a SHA-256 digest, with the authority's certificate (RFC 3161, 2.4.1)."""
    imprint = _der(SEQUENCE, _SHA256, _der(OCTETS, digest))
    return _der(SEQUENCE, _integer(1), imprint, _integer(nonce), b"\x01\x01\xff")


def token(reply: bytes) -> bytes:
    """The stamp in an authority's reply. StampError when it refused, or this is no reply."""
    try:
        (whole,) = _values(reply)
        status, *rest = whole.parts()
        code = status.parts()[0].number
    except (StampError, ValueError, IndexError):
        raise StampError("this is no reply of a time-stamping authority") from None
    if code not in GRANTED or not rest:
        raise StampError(f"the authority refused (status {code})")
    return rest[0].whole


def verify(stamp: bytes, digest: bytes, trusted: str, nonce: int | None = None) -> datetime:
    """When an authority stamped a digest. `trusted`: the PEM of its certificate, or of the one that issued it.
    StampError when it is no stamp of this digest, or of nobody trusted."""
    try:
        return _verify(stamp, digest, x509.load_pem_x509_certificates(trusted.encode()), nonce)
    except StampError:
        raise
    except UNREADABLE:
        raise StampError("it is no time stamp that can be read") from None


def _verify(stamp: bytes, digest: bytes, trusted: Sequence[x509.Certificate], nonce: int | None) -> datetime:
    (info,) = _values(stamp)
    kind, explicit = info.parts()
    if kind.oid != SIGNED_DATA:
        raise StampError("it is not signed data")
    _version, _digests, content, *rest = explicit.parts()[0].parts()
    content_kind, wrapped = content.parts()
    if content_kind.oid != TST_INFO:
        raise StampError("it is signed, and no time stamp")
    stated = wrapped.parts()[0].content
    own = [x509.load_der_x509_certificate(one.whole) for part in rest if part.tag == 0xA0 for one in part.parts()]
    signer_info = rest[-1].parts()[0].parts()
    _check_signature(signer_info, stated, own, trusted)
    return _check_statement(stated, digest, nonce)


def _check_signature(
    info: Sequence[_Value], stated: bytes, own: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]
) -> None:
    algorithm = HASHES.get(info[2].parts()[0].oid)
    attributes = next((part for part in info if part.tag == 0xA0), None)
    signature = next((part.content for part in info if part.tag == OCTETS), b"")
    if algorithm is None or attributes is None:
        raise StampError("it is signed in a way that is not known here")
    sums = hashes.Hash(algorithm)
    sums.update(stated)
    by_kind = {pair.parts()[0].oid: pair.parts()[1].parts()[0].content for pair in attributes.parts()}
    if by_kind.get(MESSAGE_DIGEST) != sums.finalize():
        raise StampError("what was signed is another statement")
    signed = _der(SET, attributes.content)  # as a SET, not as the [0] that it stands as (RFC 5652, 5.4)
    for certificate in (*own, *trusted):
        if _is_trusted(certificate, trusted) and _signed(certificate, signature, signed, algorithm):
            return
    raise StampError("nobody trusted has signed it")


def _is_trusted(certificate: x509.Certificate, trusted: Sequence[x509.Certificate]) -> bool:
    """One that is trusted, or was issued by one, and is for time stamps."""
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    if ExtendedKeyUsageOID.TIME_STAMPING not in uses:
        return False
    return certificate in trusted or any(_issued(certificate, issuer) for issuer in trusted)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _signed(certificate: x509.Certificate, signature: bytes, data: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _check_statement(stated: bytes, digest: bytes, nonce: int | None) -> datetime:
    """TSTInfo (RFC 3161, 2.4.2): the digest that was stamped, and when."""
    (info,) = _values(stated)
    _version, _policy, imprint, _serial, at, *rest = info.parts()
    algorithm, stamped = imprint.parts()
    if algorithm.parts()[0].oid != SHA256 or stamped.content != digest:
        raise StampError("it is a stamp of something else")
    if nonce is not None and nonce not in [part.number for part in rest if part.tag == INTEGER]:
        raise StampError("it is a stamp of another time than now")
    return _moment(at.content.decode("ascii"))


def _moment(text: str) -> datetime:
    """GeneralizedTime in UTC, with or without fractions of a second."""
    whole, _dot, fraction = text.removesuffix("Z").partition(".")
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC, microsecond=micro)
