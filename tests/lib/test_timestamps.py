"""Proves: a time stamp (RFC 3161) of an authority that really signs is taken, and none that was changed or is another's

The authority is OpenSSL's own (`openssl ts`), with keys made here."""

import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from caunoi.lib.crypto import timestamps
from caunoi.lib.crypto.timestamps import StampError

DIGEST = sha256(b"a head").digest()
CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """A time-stamping authority: its own root, and a certificate for stamps that the root issued."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
        (folder / "ext").write_text("extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n")
        self._openssl(
            "req",
            "-x509",
            "-newkey",
            key,
            *self._curve(key),
            "-nodes",
            "-keyout",
            "root.key",
            "-out",
            "root.pem",
            "-days",
            "30",
            "-subj",
            "/CN=Root",
        )
        self._openssl(
            "req",
            "-newkey",
            key,
            *self._curve(key),
            "-nodes",
            "-keyout",
            "tsa.key",
            "-out",
            "tsa.csr",
            "-subj",
            "/CN=Stamps",
        )
        self._openssl(
            "x509",
            "-req",
            "-in",
            "tsa.csr",
            "-CA",
            "root.pem",
            "-CAkey",
            "root.key",
            "-CAcreateserial",
            "-out",
            "tsa.pem",
            "-days",
            "30",
            "-extfile",
            "ext",
        )
        self.root, self.own = (folder / "root.pem").read_text(), (folder / "tsa.pem").read_text()

    @staticmethod
    def _curve(key: str) -> tuple[str, ...]:
        return ("-pkeyopt", "ec_paramgen_curve:P-256") if key == "ec" else ()

    def _openssl(self, *words: str) -> bytes:
        return subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True).stdout

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._openssl(
            "ts",
            "-reply",
            "-config",
            "tsa.cnf",
            "-queryfile",
            "query",
            "-inkey",
            "tsa.key",
            "-signer",
            "tsa.pem",
            "-out",
            "reply",
        )
        return (self.folder / "reply").read_bytes()


@pytest.fixture(scope="module", params=["rsa:2048", "ec"])
def authority(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "own", request.param)


def test_a_stamp_says_when(authority: Authority):
    stamp = timestamps.token(authority.reply(timestamps.query(DIGEST, 12345678901234567890)))
    for trusted in (authority.root, authority.own):
        at = timestamps.verify(stamp, DIGEST, trusted, 12345678901234567890)
        assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    (authority.folder / "token").write_bytes(stamp)
    authority._openssl("ts", "-verify", "-digest", DIGEST.hex(), "-token_in", "-in", "token", "-CAfile", "root.pem")


def test_a_stamp_of_something_else_or_of_nobody_trusted_is_none(authority: Authority, tmp_path: Path):
    stamp = timestamps.token(authority.reply(timestamps.query(DIGEST, 7)))
    with pytest.raises(StampError, match="something else"):
        timestamps.verify(stamp, sha256(b"another").digest(), authority.root)
    with pytest.raises(StampError, match="another time"):
        timestamps.verify(stamp, DIGEST, authority.root, 8)
    stranger = Authority(tmp_path / "stranger", "ec")
    with pytest.raises(StampError, match="nobody trusted"):
        timestamps.verify(stamp, DIGEST, stranger.root)


def test_no_changed_byte_of_what_is_signed_is_taken(authority: Authority):
    stamp = timestamps.token(authority.reply(timestamps.query(DIGEST, 7)))
    first = timestamps.verify(stamp, DIGEST, authority.own)
    taken = 0
    for at in range(0, len(stamp), 3):
        changed = stamp[:at] + bytes([stamp[at] ^ 1]) + stamp[at + 1 :]
        try:
            assert timestamps.verify(changed, DIGEST, authority.own) == first
            taken += 1  # a byte that nothing rests on, such as the version
        except StampError:
            pass
    assert taken < len(stamp) / 3, "the certificate that it brings along is not needed where it is trusted itself"


@pytest.mark.parametrize(
    "reply", [b"", b"\x30", b"\x30\x03\x02\x01\x02", b"<html>", b"\x30\x80" + b"a" * 90, b"0" * 999]
)
def test_what_is_no_reply_is_none(reply: bytes):
    with pytest.raises(StampError):
        timestamps.token(reply)
    with pytest.raises(StampError):
        timestamps.verify(reply, DIGEST, "")


def test_a_refusal_is_named():
    with pytest.raises(StampError, match="refused"):
        timestamps.token(bytes.fromhex("3005300302010 2".replace(" ", "")))
