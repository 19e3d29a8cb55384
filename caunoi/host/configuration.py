"""Mistakes in the environment that settings.py reads. Each check takes the environment and yields what is wrong."""

import datetime as dt
import difflib
import ipaddress
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from caunoi.host import hsm, leaving
from caunoi.host.finding import Check, Finding, _, broken, warning
from caunoi.host.home import CHECKOUT
from caunoi.lib.places import gazetteer

type Environ = Mapping[str, str]
LOOPBACK = {"127.0.0.1", "localhost", "::1", ""}
EVERYWHERE = "0.0.0.0"  # noqa: S104
NUMBERS = (  # name, default, least, most
    ("CAUNOI_HOLD_SECONDS", 10, 0, 600),
    ("CAUNOI_ASSIST_SECONDS", 20, 1, 600),
    ("CAUNOI_SPEECH_SECONDS", 60, 1, 3600),
    (leaving.NAME, 0, 0, 45),  # systemd waits for 60
)
BUCKET = ("S3_ENDPOINT", "S3_BUCKET", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def public_url(environ: Environ) -> Iterator[Finding]:
    address = environ.get("CAUNOI_PUBLIC_URL", "").strip()
    demo = is_demo(environ)
    if not address:
        if not demo:
            yield warning(
                _("CAUNOI_PUBLIC_URL is not set."),
                _("Links in SMS, mail and QR codes lead to 127.0.0.1."),
                _("Set the address citizens use, for example https://1022.example.gov.vn"),
            )
        return
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        yield broken(
            _("CAUNOI_PUBLIC_URL=%(given)s is not https://host without a path.", given=address),
            _("Every link that is sent is broken, and pages may be refused."),
            _("Write scheme and host: https://1022.example.gov.vn"),
        )
        return
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        yield warning(
            _("%(given)s does not use https.", given=address),
            _("Passwords and citizens' data cross the network in the clear; browsers give no microphone to the phone."),
            _("Put TLS on the proxy in front and change it to https://"),
        )
    if demo and parts.hostname not in LOOPBACK:
        yield broken(
            _("The demo is opened to others at %(given)s.", given=address),
            _("The demo's passwords and tokens are known to everybody."),
            _("Unset CAUNOI_DEMO, or CAUNOI_PUBLIC_URL."),
        )


def staff_url(environ: Environ) -> Iterator[Finding]:
    """The staff's own host name: https where the public one is, and another one than that."""
    address = environ.get("CAUNOI_STAFF_URL", "").strip()
    if not address:
        return
    parts, public = urlsplit(address), urlsplit(environ.get("CAUNOI_PUBLIC_URL", "").strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        yield broken(
            _("CAUNOI_STAFF_URL=%(given)s is not https://host without a path.", given=address),
            _("The staff reach no page."),
            _("Write scheme and host: https://desk.1022.example.gov.vn"),
        )
    elif not public.hostname or parts.netloc == public.netloc:
        yield warning(
            _("CAUNOI_STAFF_URL names no host of its own."),
            _("Pages of the staff and of the public share an origin."),
            _("Give the staff a host name of their own, and set CAUNOI_PUBLIC_URL to the citizens'."),
        )
    elif parts.scheme != public.scheme:
        yield broken(
            _("CAUNOI_STAFF_URL and CAUNOI_PUBLIC_URL differ in http and https."),
            _("Cookies are lost on one of them: nobody stays signed in."),
            _("Use https for both."),
        )


def allowed_hosts(environ: Environ) -> Iterator[Finding]:
    hosts = _list(environ, "CAUNOI_ALLOWED_HOSTS")
    wrong = [host for host in hosts if "/" in host or (":" in host and not host.startswith("["))]
    if wrong:
        yield broken(
            _("CAUNOI_ALLOWED_HOSTS has %(wrong)s.", wrong=", ".join(wrong)),
            _("Only host names match; with a scheme, path or port none does, and pages answer 400."),
            _("Write it like 1022.example.gov.vn,10.0.0.5"),
        )
    if "*" in hosts and not is_demo(environ):
        yield warning(
            _("CAUNOI_ALLOWED_HOSTS takes any host name (*)."),
            _("An attacker can make pages build links to their host."),
            _("List the host names that are used."),
        )


def trusted_proxies(environ: Environ) -> Iterator[Finding]:
    if environ.get("CAUNOI_PUBLIC_URL", "").strip().startswith("https:") and not _list(
        environ, "CAUNOI_TRUSTED_PROXIES"
    ):
        yield warning(
            _("The public address uses https, but CAUNOI_TRUSTED_PROXIES is not set."),
            _(
                "Everybody seems to come from one address: one person's wrong passwords may lock out all, and"
                " pages think of http."
            ),
            _("Set the IP address of the TLS proxy in front, for example CAUNOI_TRUSTED_PROXIES=127.0.0.1"),
        )
    for proxy in _list(environ, "CAUNOI_TRUSTED_PROXIES"):
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            yield broken(
                _("%(proxy)s is no IP address or network.", proxy=proxy),
                _("Anybody could pretend to come from elsewhere, or the proxy is not trusted."),
                _("Write it like 127.0.0.1,10.0.0.0/24"),
            )


def secret_key(environ: Environ) -> Iterator[Finding]:
    file, key = environ.get("CAUNOI_SECRET_KEY_FILE", ""), environ.get("CAUNOI_SECRET_KEY", "")
    if file and not key:
        try:
            key = Path(file).read_text("utf-8").strip()
        except OSError as error:
            yield broken(
                _("Cannot read %(named)s: %(strerror)s.", named=file, strerror=error.strerror),
                _("Without the key no session and no follow link can be signed."),
                _("Fix the path, or who may read the file."),
            )
            return
    if (file or key) and len(key) < 32:
        yield broken(
            _("The secret key has only %(given)s characters.", given=len(key)),
            _("A short key can be guessed, and whoever has it can forge any session."),
            _("Use 50 random characters or more, or unset it: the product makes its own."),
        )


def log_key(environ: Environ) -> Iterator[Finding]:
    """The key of the public log, where the settings name a file for it."""
    file = environ.get("CAUNOI_LOG_KEY_FILE", "")
    if not file:
        return
    try:
        text, mode = Path(file).read_text("ascii", "replace"), Path(file).stat().st_mode
    except OSError as error:
        yield broken(
            _("Cannot read %(named)s: %(strerror)s.", named=file, strerror=error.strerror),
            _("The public log is signed no more."),
            _("Fix the path, or who may read the file."),
        )
        return
    if not text.lstrip().startswith("-----BEGIN PRIVATE KEY-----"):
        yield broken(
            _("%(named)s is no Ed25519 key in PEM.", named=file),
            _("The public log is signed no more."),
            _("Make one: openssl genpkey -algorithm ed25519 -out '%(named)s'", named=file),
        )
    elif mode & 0o007:
        yield broken(
            _("Other users can read %(named)s.", named=file),
            _("Whoever has the key can forge the public log."),
            _("Run: chmod 600 '%(named)s'", named=file),
        )


def master_key(environ: Environ) -> Iterator[Finding]:
    """The hardware module of the master key, where the settings name one."""
    try:
        where = hsm.place(environ)
        problem = hsm.lacking(where) if where else ""
    except hsm.HsmError as error:
        problem = str(error)
    if problem:
        yield broken(
            _("The master key's module cannot be used: %(problem)s.", problem=problem),
            _("What lies sealed in the database does not open, and the product does not start."),
            _("docs/security/keys.md says how a module is named, and what it needs."),
        )


def bucket(environ: Environ) -> Iterator[Finding]:
    """The bucket where files lie, where the settings name one."""
    values = {name: environ.get(name, "").strip() for name in BUCKET}
    missing = [name for name in ("S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY") if not values[name]]
    if missing and any(values.values()):
        yield broken(
            _("%(missing)s is not set, though other S3_… variables are.", missing=", ".join(missing)),
            _("Files stay on this machine, or the S3 server refuses them."),
            _("Set all that belongs to the bucket, or none."),
        )
    parts = urlsplit(values["S3_ENDPOINT"])
    if values["S3_ENDPOINT"] and (parts.scheme not in {"http", "https"} or not parts.hostname):
        yield broken(
            _("S3_ENDPOINT=%(given)s is no http(s) address.", given=values["S3_ENDPOINT"]),
            _("No file is taken or shown."),
            _("Write scheme and host: https://s3.example.gov.vn"),
        )
    elif parts.scheme == "http" and parts.hostname not in LOOPBACK:
        yield warning(
            _("%(given)s does not use https.", given=values["S3_ENDPOINT"]),
            _("Photos and recordings cross the network in the clear."),
            _("Give the S3 server a certificate, and write https://"),
        )
    if values["S3_BUCKET"] and not missing and find_spec("storages") is None:
        yield broken(
            _("The packages for S3 are not installed."),
            _("The product does not start with S3_BUCKET."),
            _('Install them: pip install "caunoi[s3]"'),
        )


def numbers(environ: Environ) -> Iterator[Finding]:
    for name, default, least, most in NUMBERS:
        value = environ.get(name, "").strip()
        if value and not (value.replace(".", "", 1).isdecimal() and least <= float(value) <= most):
            yield broken(
                _(
                    "%(name)s=%(given)s is no number from %(least)s to %(most)s.",
                    name=name,
                    given=value,
                    least=least,
                    most=most,
                ),
                _("The product does not start with it."),
                _("Write a number, or unset it for %(default)s.", default=default),
            )


def addresses(environ: Environ) -> Iterator[Finding]:
    """Addresses of services that the product asks."""
    for name in ("CAUNOI_ASSIST_URL", "CAUNOI_SPEECH_URL"):
        address = environ.get(name, "").strip()
        parts = urlsplit(address)
        if address and (parts.scheme not in {"http", "https"} or not parts.hostname):
            yield broken(
                _("%(name)s=%(given)s is no http(s) address.", name=name, given=address),
                _("Whatever is asked of that service fails."),
                _("Write it like https://host.example.vn/v1, or unset it."),
            )
    for name in ("CAUNOI_TILE_HOSTS", "CAUNOI_PUSH_HOSTS"):
        wrong = [host for host in _list(environ, name) if not re.fullmatch(r"(https?://)?\.?[\w.-]+(:\d+)?", host)]
        if wrong:
            yield broken(
                _("%(name)s has %(wrong)s.", name=name, wrong=", ".join(wrong)),
                _("Such a name never matches a host."),
                _("Write host names only, separated by commas."),
            )


def choices(environ: Environ) -> Iterator[Finding]:
    """Settings of which only some values are valid."""
    level = environ.get("CAUNOI_LOG_LEVEL", "").strip()
    if level and level not in LEVELS:
        yield broken(
            _("There is no CAUNOI_LOG_LEVEL=%(level)s.", level=level),
            _("The product does not start with it."),
            _("Choose one of %(levels)s.", levels=", ".join(LEVELS)),
        )
    for name in ("CAUNOI_DEMO", "CAUNOI_DEBUG", "CAUNOI_SEARCH_MEANING"):
        value = environ.get(name, "").strip()
        if value and value.lower() not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
            yield warning(
                _("%(name)s=%(given)s is taken as no.", name=name, given=value),
                _("The setting has no effect."),
                _("Write 1 or 0."),
            )
    code = environ.get("CAUNOI_PROVINCE", "").strip()
    if code and code not in {unit.code for unit in gazetteer.provinces()}:
        yield broken(
            _("There is no province with the code %(code)s.", code=code),
            _("Addresses, map and communes would not fit."),
            _("Write the province's two digits (the 34 since 1 July 2025), or unset it."),
        )
    day = environ.get("CAUNOI_DEMO_DAY", "").strip()
    if day:
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            yield broken(
                _("CAUNOI_DEMO_DAY=%(day)s is no day.", day=day),
                _("The demo cannot make its data."),
                _("Write it like 2026-11-28."),
            )


def debug(environ: Environ) -> Iterator[Finding]:
    if environ.get("CAUNOI_DEBUG", "").lower() in {"1", "true", "yes", "on"}:
        yield broken(
            _("CAUNOI_DEBUG is on."),
            _("Error pages show code, settings and data to everybody."),
            _("Unset CAUNOI_DEBUG and start again."),
        )


def metrics_token(environ: Environ) -> Iterator[Finding]:
    token = environ.get("CAUNOI_METRICS_TOKEN", "")
    if token and len(token) < 16:
        yield warning(
            _("CAUNOI_METRICS_TOKEN has only %(given)s characters.", given=len(token)),
            _("A short one can be guessed, and the metrics are open."),
            _("Use 16 random characters or more: openssl rand -hex 16"),
        )


def port(environ: Environ) -> Iterator[Finding]:
    port = environ.get("PORT", "").strip()
    if port and not (port.isdigit() and 0 < int(port) < 65535):
        yield broken(
            _("PORT=%(port)s is no port number.", port=port),
            _("The product does not know where to listen."),
            _("Set PORT between 1024 and 65534, or unset it for 8022."),
        )


def names(environ: Environ) -> Iterator[Finding]:
    """Variables that nothing reads: mostly typing mistakes."""
    all_names = known_names()
    for name in sorted(environ):
        if name.startswith("CAUNOI_") and name not in all_names:
            near = difflib.get_close_matches(name, all_names, 1)
            yield warning(
                _("Nothing reads %(name)s.", name=name),
                _("This setting has no effect."),
                _("Was %(near)s meant?", near=near[0]) if near else _("Unset it."),
            )


def known_names() -> set[str]:
    """Every CAUNOI_… name that the code has."""
    files = (CHECKOUT / "caunoi").rglob("*.py")
    name = re.compile(r"\bCAUNOI_[A-Z][A-Z0-9_]*[A-Z0-9]\b")
    return {word for file in files for word in name.findall(file.read_text("utf-8"))}


def is_demo(environ: Environ) -> bool:
    return environ.get("CAUNOI_DEMO", "").lower() in {"1", "true", "yes", "on"}


def opened_demo(environ: Environ, host: str) -> str:
    """Where others would reach a demo that listens at `host`; empty when nobody would, or when it is none."""
    if not is_demo(environ):
        return ""
    public = environ.get("CAUNOI_PUBLIC_URL", "").strip()
    if not _loopback(host or EVERYWHERE):
        return host or EVERYWHERE
    try:
        return "" if _loopback(urlsplit(public).hostname or "") else public
    except ValueError:  # no address at all
        return public


def _loopback(name: str) -> bool:
    try:
        return name in LOOPBACK or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _list(environ: Environ, name: str) -> list[str]:
    return [part.strip() for part in environ.get(name, "").split(",") if part.strip()]


CHECKS: tuple[Check[Environ], ...] = tuple(
    Check(name=name, part="environment", fine=fine, look=look)
    for name, look, fine in (
        ("public_url", public_url, _("The public address is well formed.")),
        ("staff_url", staff_url, _("The staff's host name is well formed, or they have none of their own.")),
        ("allowed_hosts", allowed_hosts, _("The host names are well formed.")),
        (
            "trusted_proxies",
            trusted_proxies,
            _("The proxies' addresses are well formed."),
        ),
        ("secret_key", secret_key, _("The secret key is long enough.")),
        ("log_key", log_key, _("The public log's key can be used.")),
        ("master_key", master_key, _("The master key's module is there, or it is a file.")),
        ("bucket", bucket, _("Files lie in the home, or in a bucket that is named whole.")),
        ("port", port, _("The port is a port.")),
        ("numbers", numbers, _("The settings' numbers are numbers.")),
        ("addresses", addresses, _("The services' addresses are well formed.")),
        ("choices", choices, _("The settings' words mean something.")),
        ("debug", debug, _("Debugging is off.")),
        (
            "metrics_token",
            metrics_token,
            _("The monitoring's token is long enough, or none is set."),
        ),
        ("names", names, _("Every CAUNOI_… variable is read.")),
    )
)
