"""An empty database with all migrations, made once and kept for as long as they stay as they are: 250 of them take half
a minute of a processor."""

from hashlib import sha256

from django.conf import settings
from django.db import connection

from caunoi.host.home import CHECKOUT

PREFIX = "caunoi_migrated_"
LOCK = 10_220_001


def template() -> str:
    """Its name. Whoever asks first makes it; the others wait."""
    name = PREFIX + _print()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        kept = [row[0] for row in cursor.fetchall()]
        if name not in kept:
            for old in kept:
                cursor.execute(f'DROP DATABASE "{old}"')
            cursor.execute(f'ALTER DATABASE "{_migrate()}" RENAME TO "{name}"')
    return name


def _print() -> str:
    """Of what the result follows from: the migrations, the modules that have to do with them, and Django."""
    digest = sha256((CHECKOUT / "requirements" / "base.lock").read_bytes())
    for path in sorted(CHECKOUT.glob("caunoi/**/*.py")):
        if b"migrat" in (code := path.read_bytes()):
            digest.update(str(path.relative_to(CHECKOUT)).encode() + code)
    return digest.hexdigest()[:16]


def _migrate() -> str:
    own = connection.settings_dict["NAME"]
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = own
    return str(name)
