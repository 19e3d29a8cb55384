"""The home folder: all state of one installation (database, files, keys) is under it."""

import base64
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

MASTER = "master_key"
_MADE = re.compile(r"(.*?)(?:\s+# made (\S+))?")  # a line of a file of keys
# Each made once; without it what it signed is worth nothing, and what it sealed is lost.
KEYS = ("secret_key", "log_key.pem", "push_key.pem", "cell_key.pem", MASTER)
CHECKOUT = Path(__file__).resolve().parents[2]  # where the package lies: a checkout, or an installation's site-packages
INSTALLED = not (CHECKOUT / "pyproject.toml").exists()
COMMAND = "caunoi" if INSTALLED else "bin/caunoi"  # as our instructions spell it
SETUP = "pip install --force-reinstall caunoi-….whl" if INSTALLED else "make setup"
SERVICE = Path("/var/lib/caunoi")  # made by the Debian package


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """CAUNOI_HOME; else `var/` in a checkout; else, of an installation, the service's folder where it is ours, or
    `caunoi` among the user's own data. Absolute, not necessarily there yet.
    """
    folder = environ.get("CAUNOI_HOME")
    if folder:
        return Path(os.path.abspath(Path(folder).expanduser()))
    return _installed(environ) if INSTALLED else CHECKOUT / "var"


def _installed(environ: Mapping[str, str]) -> Path:
    try:
        if SERVICE.stat().st_uid == os.geteuid() != 0:  # root has copies of PostgreSQL there (binaries.py)
            return SERVICE
    except OSError:
        pass
    data = environ.get("XDG_DATA_HOME", "")
    return (Path(data) if os.path.isabs(data) else Path.home() / ".local" / "share") / "caunoi"


def pins() -> list[str]:
    """The versions this release was tested with, "name==version" and perhaps a marker each."""
    if INSTALLED:
        return metadata.requires("caunoi") or []
    lock = (CHECKOUT / "requirements" / "base.lock").read_text("utf-8")
    return [pin.strip() for pin in re.findall(r"^[\w.-]+==[^\\\n]+", lock, re.M)]


def python() -> dict[str, str]:
    """The environment of a Python of ours: it finds this very package, whatever lies in the folder it is started
    from."""
    ours = {"PYTHONUTF8": "1", "PYTHONSAFEPATH": "1"}
    return ours if INSTALLED else {**ours, "PYTHONPATH": str(CHECKOUT)}


def command(*words: str) -> list[str]:
    """`caunoi …` by this Python; with the environment `python()`."""
    return [sys.executable, "-P", "-m", "caunoi.cli", *words]


def prepare(folder: Path) -> Path:
    """Makes the home, or a folder in it, for its owner only, and returns it. One that is there is left as it is.

    OSError where that cannot be.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True)
class SecretKey:
    """A key that signs, or one before it that is still accepted; when it was made, where that is known."""

    key: str
    made: str = ""


def secret_key(folder: Path | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """The key that signs: the first of `secret_keys`."""
    return secret_keys(folder, environ)[0].key


def secret_keys(folder: Path | None = None, environ: Mapping[str, str] = os.environ) -> list[SecretKey]:
    """CAUNOI_SECRET_KEY, the keys in CAUNOI_SECRET_KEY_FILE, or in a file made once and kept in the home (`folder`,
    else `home()`): one a line, the one that signs first. Last, of several lines without a date, the whole text: up to
    0.1 that was the key (`openssl rand -base64 64` writes two lines).

    OSError where a named file cannot be read; ValueError where it is empty.
    """
    if key := environ.get("CAUNOI_SECRET_KEY"):
        return [SecretKey(key)]
    if file := environ.get("CAUNOI_SECRET_KEY_FILE"):
        text = Path(file).read_text("utf-8")
        if not text.strip():
            raise ValueError(f"CAUNOI_SECRET_KEY_FILE: {file} is empty")
    else:
        text = keep("secret_key", new_secret, folder or home(environ))
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [text]
    result = [SecretKey(*match.groups("")) for match in map(_MADE.fullmatch, lines) if match]
    return result if len(lines) == 1 or any(one.made for one in result) else [*result, SecretKey(text.strip())]


def new_secret() -> str:
    """A secret key, as a line of its file."""
    return secrets.token_urlsafe(48)


def write_keys(path: Path, lines: Iterable[str]) -> None:
    """A file of keys written anew, one a line. OSError."""
    write(path, "".join(f"{line.rstrip()}\n" for line in lines))


def write(path: Path, text: str) -> None:
    """A secret file written anew, for its owner only; nobody reads half of it. OSError."""
    _fresh(path, text).replace(path)


def aside(path: Path) -> Path:
    """The file goes on lying beside itself under the name that is returned, whatever is written in its place."""
    other = path.with_name(f"{path.name}.until-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}")
    with suppress(FileExistsError):  # another process was as quick
        os.link(path, other)
    return other


def _fresh(path: Path, text: str) -> Path:
    """The text, safe on the disk, in a file beside this one, for its owner only."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with open(handle, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    return Path(name)


def master_keys(*, make: bool = False, environ: Mapping[str, str] = os.environ) -> list[bytes]:
    """The master keys that seal the database's data keys, 32 bytes each, the newest first: of CAUNOI_MASTER_KEY_FILE,
    of systemd's credential `master_key`, else of the home, where one is made once if `make`. A file holds one a line,
    in base64.

    OSError where a named file cannot be read; ValueError where a line is no such key.
    """
    path = master_file(environ)
    if make and path == home(environ) / MASTER:
        keep(MASTER, new_master, home(environ))
    try:
        text = path.read_text("ascii", "replace")
    except FileNotFoundError:
        if environ.get("CAUNOI_MASTER_KEY_FILE"):
            raise
        return []
    return [
        _master(line.partition("#")[0].strip(), path) for line in text.splitlines() if line.partition("#")[0].strip()
    ]


def master_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the master key lies, or would."""
    if file := environ.get("CAUNOI_MASTER_KEY_FILE"):
        return Path(file)
    credential = Path(environ.get("CREDENTIALS_DIRECTORY") or "/nonexistent") / MASTER
    return credential if credential.is_file() else home(environ) / MASTER


def new_master() -> str:
    """A line of a master key's file, with a new key."""
    return master_line(secrets.token_bytes(32)) + "\n"


def master_line(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _master(line: str, path: Path) -> bytes:
    try:
        key = base64.b64decode(line, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError(f"{path} is no master key: each line is 32 random bytes in base64")
    return key


def keep(name: str, make: Callable[[], str], folder: Path) -> str:
    """A secret that is made once and stored in a file for its owner only."""
    path = prepare(folder) / name
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        pass
    fresh = _fresh(path, make())
    try:
        os.link(fresh, path)  # the first of several processes wins, and no one reads half a key
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text("utf-8")
