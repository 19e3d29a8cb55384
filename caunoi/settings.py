"""One settings file. Every default runs; the environment changes it; `caunoi doctor` explains mistakes.

Names and meanings are in docs/operating.md and do not change.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.csp import CSP

from caunoi.host import database, home

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def flag(name: str) -> bool:
    return env(name).lower() in {"1", "true", "yes", "on"}


HOME = home.home()
DEMO = flag("CAUNOI_DEMO")
DEMO_DAY = env("CAUNOI_DEMO_DAY")
DEBUG = flag("CAUNOI_DEBUG")
PORT = int(env("PORT", "8022"))
PROVINCE = env("CAUNOI_PROVINCE")  # empty: what was answered at the first run
HOLD_SECONDS = float(env("CAUNOI_HOLD_SECONDS", "10"))  # what the staff sends waits so long, so that it can be undone

# --- Database ---------------------------------------------------------------------------------------------------------
# First of all: an address that cannot be read must leave nothing behind, not even a key.
_server = database.parameters(HOME)
REPLICA = bool(database.replica_url())  # DATABASE_READ_URL: what only reads does so from a standby (jobs/replica.py)
_read = database.replica(HOME) if REPLICA or DEMO else {}
POOLED = database.pooled()  # DATABASE_URL leads to a pooler: one transaction, one connection
DATABASE_DIRECT = database.direct(HOME) if POOLED else {}  # what holds a session goes here (jobs/direct.py)


def _database(parameters: dict[str, str], *, pooled: bool = False) -> dict[str, object]:
    """libpq's parameters as Django's."""
    return {
        "ENGINE": "caunoi.jobs.engine",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": pooled,
        "NAME": parameters.pop("dbname"),
        "USER": parameters.pop("user", ""),
        "PASSWORD": parameters.pop("password", ""),
        "HOST": parameters.pop("host", ""),
        "PORT": parameters.pop("port", ""),
        "OPTIONS": parameters,
    }


DATABASES = {"default": _database(_server, pooled=POOLED)}
if _read:
    DATABASES["read"] = _database(_read)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Address, hosts, proxies, TLS -------------------------------------------------------------------------------------
PUBLIC_URL = env("CAUNOI_PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_public = urlsplit(PUBLIC_URL)
STAFF_URL = env("CAUNOI_STAFF_URL", PUBLIC_URL).rstrip("/")  # the staff's own host name, where they have one
_staff = urlsplit(STAFF_URL)
STAFF_HOST = _staff.netloc if _staff.netloc != _public.netloc else ""  # as a request names it
ALLOWED_HOSTS = sorted(
    {
        *env_list("CAUNOI_ALLOWED_HOSTS"),
        *(_public.hostname or "", _staff.hostname or ""),
        *("127.0.0.1", "localhost", "[::1]"),
    }
    - {""}
)
TRUSTED_PROXIES = env_list("CAUNOI_TRUSTED_PROXIES")
CSRF_TRUSTED_ORIGINS = sorted({url for url in (PUBLIC_URL, STAFF_URL) if url.startswith("https:")})
SECURE = _public.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
_prefix = "__Host-" if SECURE else ""  # browsers take such cookies by TLS only, and send them to this one host
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_prefix}sessionid", f"{_prefix}csrftoken"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("CAUNOI_HSTS_SUBDOMAINS")  # the whole domain has TLS

SECRET_KEY, *SECRET_KEY_FALLBACKS = (one.key for one in home.secret_keys())
METRICS_TOKEN = env("CAUNOI_METRICS_TOKEN")

# --- The product ------------------------------------------------------------------------------------------------------
ROOT_URLCONF = "caunoi.urls"
WSGI_APPLICATION = "caunoi.wsgi.application"
APPEND_SLASH = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "django_vite",
    "procrastinate.contrib.django",
    # in the order of the way: each may lean only on those before it
    "caunoi.jobs",
    "caunoi.events",
    "caunoi.vault",
    "caunoi.store",
    "caunoi.directory",
    "caunoi.limits",
    "caunoi.backups",
    "caunoi.accounts",
    "caunoi.drafts",
    "caunoi.files",
    "caunoi.procedures",
    "caunoi.cells",
    "caunoi.conversations",
    "caunoi.calls",
    "caunoi.tickets",
    "caunoi.triage",
    "caunoi.spool",
    "caunoi.transfers",
    "caunoi.routing",
    "caunoi.sla",
    "caunoi.answers",
    "caunoi.publication",
    "caunoi.ratings",
    "caunoi.directives",
    "caunoi.reorganisation",
    "caunoi.notifications",
    "caunoi.quality",
    "caunoi.followers",
    "caunoi.statistics",
    "caunoi.reports",
    "caunoi.opendata",
    "caunoi.imports",
    "caunoi.confidential",
    "caunoi.privacy",
    "caunoi.starter",
    "caunoi.web",
]
MIDDLEWARE = [
    "caunoi.web.observe.Observed",
    "caunoi.web.demo.DemoOnly",
    "caunoi.api.errors.JsonErrors",
    "django.middleware.security.SecurityMiddleware",
    "caunoi.web.static_files.StaticFiles",
    "caunoi.web.squeeze.Squeeze",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "caunoi.web.signed_in.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "caunoi.web.signed_in.Authentication",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "caunoi.web.hosts.Hosts",
    "caunoi.web.citizen.staff_mark.StaffMark",
    "caunoi.web.access.AccessMiddleware",
    "caunoi.web.step_up.StepUp",
    "caunoi.web.preparing.PreparingMiddleware",
    "caunoi.web.setup.fresh.Fresh",
    "caunoi.web.drafts.Drafts",
    "caunoi.web.unavailable.Unavailable",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", ["caunoi.web.loader.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "caunoi.web.context.page",
            ],
        },
    }
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Where an event goes after it is recorded: the one place where the way closes on itself.
EVENT_REACTIONS = "caunoi.flow.REACTIONS"
# Who sees what lies before tickets on the way, by model: (rows, actor) -> rows.
DOORS = {
    "conversations.conversation": "caunoi.tickets.doors.threads",
    "conversations.message": "caunoi.tickets.doors.messages",
    "conversations.enclosure": "caunoi.tickets.doors.enclosures",
    "conversations.outgoing": "caunoi.tickets.doors.outgoing",
    "conversations.contact": "caunoi.tickets.doors.people",
    "conversations.callback": "caunoi.tickets.doors.callbacks",
    "calls.call": "caunoi.tickets.doors.calls",
}
# The same once more, in the database: what an actor's sight is, and the conditions by a model's `row_door`.
SIGHT, ROW_DOORS = "caunoi.tickets.rowdoors.sight", "caunoi.tickets.rowdoors.DOORS"
ROW_VIEWS, ROW_FUNCTIONS = "caunoi.tickets.rowdoors.VIEWS", "caunoi.tickets.rowdoors.FUNCTIONS"
CONFIDENCE = "caunoi.confidential.queries.lane_of"  # the words that keep a report from everybody but the custodians
CONFIDE = "caunoi.tickets.correspondence.hear"  # … what a message with such words becomes, before anybody can read it
END_CUSTODY = "caunoi.confidential.custodians.lose"  # … and whoever is led in by others is no custodian any more
# What a letter to a citizen holds and nobody else reads, by its kind: id -> {placeholder: value}.
LETTER_SECRETS = {"proof": "caunoi.tickets.proofs.reveal_code", "follow": "caunoi.tickets.proofs.reveal_link"}
# What a viewer may hear on /live: (actor, follow token, cookies) -> topics.
LIVE_TOPICS = "caunoi.web.topics.topics"

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "caunoi.accounts.passwords.LengthValidator",
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "caunoi.accounts.passwords.LocalWordsValidator",
    )
]
# The province's directory (OpenID Connect); without an issuer nobody signs in with it.
OIDC_ISSUER = env("CAUNOI_OIDC_ISSUER").rstrip("/")
OIDC_CLIENT, OIDC_SECRET = env("CAUNOI_OIDC_CLIENT"), env("CAUNOI_OIDC_SECRET")
OIDC_NAME = env("CAUNOI_OIDC_NAME")  # what people call it, on the button
# Where citizens have an account that has verified their number (OpenID Connect): a proof, beside ⚙citizen_account.
CITIZEN_OIDC_ISSUER = env("CAUNOI_CITIZEN_OIDC_ISSUER").rstrip("/")
CITIZEN_OIDC_CLIENT, CITIZEN_OIDC_SECRET = env("CAUNOI_CITIZEN_OIDC_CLIENT"), env("CAUNOI_CITIZEN_OIDC_SECRET")
CITIZEN_OIDC_NAME = env("CAUNOI_CITIZEN_OIDC_NAME")
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "after-login", "login"
SESSION_ENGINE = "caunoi.accounts.session_store"
SESSION_COOKIE_AGE = 24 * 3600  # the cookie; the session itself ends earlier (accounts/sessions.py)
SESSION_COOKIE_HTTPONLY, SESSION_COOKIE_SAMESITE, CSRF_COOKIE_SAMESITE = True, "Lax", "Lax"
CSRF_FAILURE_VIEW = "caunoi.web.errors.csrf"

# --- Search of procedures and its assistant (docs/search.md) ----------------------------------------------------------
SEARCH_MEANING = flag("CAUNOI_SEARCH_MEANING")  # needs the optional package (extra "meaning")
ASSIST_URL = env("CAUNOI_ASSIST_URL").rstrip("/")  # an OpenAI-compatible endpoint, up to and with /v1; none = off
ASSIST_MODEL = env("CAUNOI_ASSIST_MODEL", "default")
ASSIST_KEY = env("CAUNOI_ASSIST_KEY")
ASSIST_SECONDS = int(env("CAUNOI_ASSIST_SECONDS", "20"))
SPEECH_URL = env("CAUNOI_SPEECH_URL").rstrip("/")  # likewise, for transcripts of calls; none = off
SPEECH_MODEL = env("CAUNOI_SPEECH_MODEL", "default")
SPEECH_KEY = env("CAUNOI_SPEECH_KEY")
SPEECH_SECONDS = int(env("CAUNOI_SPEECH_SECONDS", "60"))

# --- Words and time ---------------------------------------------------------------------------------------------------
USE_TZ, TIME_ZONE = True, "Asia/Ho_Chi_Minh"
USE_I18N, LANGUAGE_CODE = True, "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "caunoi" / "locale"]
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_AGE = "language", 31_536_000

# --- Files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_DIST = BASE_DIR / "caunoi" / "web" / "static" / "dist"
MEDIA_ROOT = HOME / "files"  # … or in the bucket of S3_BUCKET, S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY
STORAGES = {
    "default": {"BACKEND": "caunoi.store.store.Store"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # a million letters, percent-encoded: the form answers them itself
DATA_UPLOAD_MAX_NUMBER_FILES = 60
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

DJANGO_VITE = {
    "default": {"dev_mode": False, "manifest_path": STATIC_DIST / "manifest.json", "static_url_prefix": "dist"}
}

# --- Safety of pages --------------------------------------------------------------------------------------------------
SECURE_CSP = {
    "default-src": ["'self'"],
    "script-src": ["'self'", CSP.NONCE],
    "style-src": ["'self'", CSP.NONCE],
    "style-src-attr": ["'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'", *env_list("CAUNOI_TILE_HOSTS")],
    "worker-src": ["'self'", "blob:"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "object-src": ["'none'"],
}
# Of pages whose address is a secret too: with "no-referrer" browsers send their forms with `Origin: null`, refused as
# forged.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(self), display-capture=(), geolocation=(self), gyroscope=(), hid=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), serial=(), usb=()"
)

# Push services of browsers: what a citizen's browser names is asked by our worker, so only these are. (.x = and all
# below)
PUSH_HOSTS = env_list(
    "CAUNOI_PUSH_HOSTS",
    "fcm.googleapis.com,.push.services.mozilla.com,.push.apple.com,.notify.windows.com,android.googleapis.com",
)

# --- Logs -------------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "caunoi.web.logs.Formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env("CAUNOI_LOG_LEVEL", "INFO")},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "django.server": {"level": "WARNING"},
    },
}
