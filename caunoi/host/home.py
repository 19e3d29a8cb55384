"""The home folder: all state of one installation (database, files, keys) is under it."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

KEYS = ("secret_key", "log_key.pem", "push_key.pem")  # each made once; without it what it signed is worth nothing
CHECKOUT = Path(__file__).resolve().parents[2]


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """CAUNOI_HOME, or `var/` in the checkout; absolute, not necessarily there yet."""
    return Path(os.path.abspath(Path(environ.get("CAUNOI_HOME") or CHECKOUT / "var").expanduser()))


def prepare(folder: Path) -> Path:
    """Makes the home, or a folder in it, for its owner only, and returns it. One that is there is left as it is.

    OSError where that cannot be.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """CAUNOI_SECRET_KEY, the text of CAUNOI_SECRET_KEY_FILE, or a key made once and kept in the home (`folder`, else `home()`).

    OSError where a named file cannot be read; ValueError where it is empty.
    """
    if key := environ.get("CAUNOI_SECRET_KEY"):
        return key
    if named := environ.get("CAUNOI_SECRET_KEY_FILE"):
        key = Path(named).read_text("utf-8").strip()
        if not key:
            raise ValueError(f"CAUNOI_SECRET_KEY_FILE: {named} is empty")
        return key
    return keep("secret_key", lambda: secrets.token_urlsafe(48), folder or home(environ))


def log_key(make: Callable[[], str], environ: Mapping[str, str] = os.environ) -> str:
    """The key that signs the public log (PEM): the text of CAUNOI_LOG_KEY_FILE, or one that `make` gave once, kept in the
    home. OSError where a named file cannot be read."""
    if named := environ.get("CAUNOI_LOG_KEY_FILE"):
        return Path(named).read_text("utf-8")
    return keep("log_key.pem", make, home(environ))


def push_key(make: Callable[[], str], environ: Mapping[str, str] = os.environ) -> str:
    """The key by which push services know us (VAPID, PEM), made once and kept in the home: browsers that subscribed to it
    hear nobody else."""
    return keep("push_key.pem", make, home(environ))


def keep(name: str, make: Callable[[], str], folder: Path) -> str:
    """A secret that is made once and kept in a file for its owner only."""
    kept = prepare(folder) / name
    try:
        return kept.read_text("utf-8")
    except FileNotFoundError:
        pass
    fresh = kept.with_name(f".{name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(make())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, kept)  # the first of several processes wins, and no one reads half a key
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return kept.read_text("utf-8")
