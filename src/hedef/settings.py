"""Every setting, typed, from the environment or from `hedef.toml` in the data folder.

Django reads the upper-case names at the end; Hedef's own code reads `settings.HEDEF`, a frozen `Settings`.
This module imports no Django, so the command line can read it without paying for the web.
"""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from hedef.kernel.errors import WrongUse


class SettingError(WrongUse):
    """A setting that cannot be read; the message names it and shows a right one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One data folder ("home") and how it is served. Every field is an environment variable `HEDEF_<NAME>`."""

    home: Path
    database_url: str = ""  # empty: SQLite in the home
    facts_url: str = ""  # empty: <home>/facts; a folder, or s3://bucket/folder
    facts_engine: str = "duckdb"  # or clickhouse, spark: who answers questions to the facts
    spark_url: str = ""  # Spark Connect server; empty: one in this process
    s3_endpoint: str = ""  # of an S3-compatible store; empty: Amazon's
    s3_region: str = "us-east-1"
    s3_key: str = ""
    s3_secret: str = ""
    secret_key: str = ""  # empty: made once and kept in the home
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    https: bool = False
    debug: bool = False
    currency: str = "USD"  # these four make calendar:company@1 of a new home
    time_zone: str = "UTC"
    country: str = "US"
    fiscal_start: int = 1
    demo: bool = False
    today: date | None = None  # a demo home lives on a fixed day
    upload_limit_mb: int = 2048
    row_limit: int = 10_000_000
    reader_memory_mb: int = 1024
    reader_seconds: int = 1800
    small_upload_kb: int = 1024  # up to this size a page reads and imports at once, above it a worker does
    job_processes: int = 1  # jobs that one worker does at the same time
    inbox: str = ""  # empty: <home>/inbox
    inbox_every: int = 30  # seconds
    upload_days: int = 30
    lead_months: int = 24  # words of leads never converted, of contacts without a deal, of people who left; 0: for ever
    contact_months: int = 24
    person_months: int = 120
    boards: str = "scoped"  # or open: everybody sees every line of the boards (numbers, never the deals of others)
    mail: str = ""  # empty: <home>/mail; a folder, or smtp://user:password@host:port, smtps://...
    mail_from: str = "Hedef <hedef@localhost>"
    address: str = "http://localhost:8000"  # where people open the pages: links in mails begin with it

    @property
    def mail_dir(self) -> Path:
        return Path(self.mail) if self.mail and "://" not in self.mail else self.home / "mail"

    @property
    def inbox_dir(self) -> Path:
        return Path(self.inbox) if self.inbox else self.home / "inbox"

    @property
    def facts_dir(self) -> Path:
        """The folder of the facts; of facts in an object store, the folder of the copies that are read."""
        if self.facts_url.startswith("s3://"):
            return self.home / "facts-read"
        return Path(self.facts_url) if self.facts_url else self.home / "facts"

    @property
    def uploads_dir(self) -> Path:
        return self.home / "uploads"

    @property
    def incoming_dir(self) -> Path:
        return self.home / "incoming"  # files of requests that are still coming in

    @property
    def rejects_dir(self) -> Path:
        return self.home / "rejects"


_EXAMPLES = {
    "database_url": "postgres://hedef@localhost/hedef",
    "facts_url": "/srv/hedef/facts",
    "facts_engine": "duckdb",
    "spark_url": "sc://spark.example.com:15002",
    "s3_endpoint": "https://s3.example.com",
    "s3_region": "eu-central-1",
    "s3_key": "the key's name",
    "s3_secret": "the key's secret",
    "hosts": "hedef.example.com,127.0.0.1",
    "https": "true",
    "debug": "false",
    "currency": "EUR",
    "time_zone": "Europe/Istanbul",
    "country": "TR",
    "fiscal_start": "1",
    "demo": "false",
    "today": "2026-11-17",
    "upload_limit_mb": "2048",
    "row_limit": "10000000",
    "reader_memory_mb": "1024",
    "reader_seconds": "1800",
    "small_upload_kb": "1024",
    "job_processes": "1",
    "inbox": "/srv/exports",
    "inbox_every": "30",
    "upload_days": "30",
    "lead_months": "24",
    "contact_months": "24",
    "person_months": "120",
    "boards": "open",
    "mail": "smtp://hedef:password@mail.example.com:587",
    "mail_from": "Hedef <hedef@example.com>",
    "address": "https://hedef.example.com",
    "secret_key": "a long random text",
}


def _bool(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("neither true nor false")


def _month(text: str) -> int:
    month = int(text)
    if not 1 <= month <= 12:
        raise ValueError("a month is 1 to 12")
    return month


def _zone(text: str) -> str:
    ZoneInfo(text)
    return text


def _letters(count: int) -> Any:
    def read(text: str) -> str:
        if len(text) != count or not text.isascii() or not text.isalpha():
            raise ValueError(f"{count} letters are needed")
        return text.upper()

    return read


def _months(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 1200:
        raise ValueError("0 (for ever) to 1200 months")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("at least 1")
    return number


def _seconds(text: str) -> int:
    number = int(text)
    if number not in (1, 2, 3, 5, 10, 15, 20, 30, 60):
        raise ValueError("a part of a minute: 1, 2, 3, 5, 10, 15, 20, 30 or 60")
    return number


def _engine(text: str) -> str:
    if text not in {"duckdb", "clickhouse", "spark"}:
        raise ValueError("duckdb, clickhouse or spark")
    return text


def _boards(text: str) -> str:
    if text not in {"scoped", "open"}:
        raise ValueError("scoped or open")
    return text


def _mail(text: str) -> str:
    if "://" in text:
        url = urlsplit(text)
        if url.scheme not in {"smtp", "smtps"} or not url.hostname:
            raise ValueError("a folder, smtp://host:port or smtps://host:port")
        assert url.port is None or url.port > 0  # reading it fails for a port that is no number
    return text


def _sender(text: str) -> str:
    from email.utils import parseaddr  # costs the start of every command otherwise

    if "@" not in parseaddr(text)[1] or "\n" in text:
        raise ValueError("an address such as Hedef <hedef@example.com>")
    return text


def _address(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.netloc:
        raise ValueError("an address such as https://hedef.example.com")
    return text.rstrip("/")


_READERS: dict[str, Any] = {
    "database_url": str,
    "facts_url": str,
    "facts_engine": _engine,
    "spark_url": str,
    "s3_endpoint": str,
    "s3_region": str,
    "s3_key": str,
    "s3_secret": str,
    "secret_key": str,
    "hosts": lambda text: tuple(part.strip() for part in text.split(",") if part.strip()),
    "https": _bool,
    "debug": _bool,
    "currency": _letters(3),
    "time_zone": _zone,
    "country": _letters(2),
    "fiscal_start": _month,
    "demo": _bool,
    "today": date.fromisoformat,
    "upload_limit_mb": _positive,
    "row_limit": _positive,
    "reader_memory_mb": _positive,
    "reader_seconds": _positive,
    "small_upload_kb": _positive,
    "job_processes": _positive,
    "inbox": str,
    "inbox_every": _seconds,
    "upload_days": _positive,
    "lead_months": _months,
    "contact_months": _months,
    "person_months": _months,
    "boards": _boards,
    "mail": _mail,
    "mail_from": _sender,
    "address": _address,
}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings of the home named by `HEDEF_HOME` (default: `hedef-home` in the working folder).

    The environment wins over `hedef.toml`. SettingError names the variable, its value and an example.
    """
    home = Path(environ.get("HEDEF_HOME") or "hedef-home").expanduser().absolute()
    values: dict[str, Any] = {}
    for name, text, where in _given(home, environ):
        reader = _READERS.get(name)
        if reader is None:
            raise SettingError(f"{where}: there is no setting {name}. Known: {', '.join(sorted(_READERS))}.")
        try:
            values[name] = reader(text)
        except (ValueError, KeyError, OSError) as fault:
            raise SettingError(f'{where}: "{text}" is not usable ({fault}). Example: {_EXAMPLES[name]}') from fault
    return Settings(home=home, **values)


_OUTSIDE = {"HEDEF_HOME", "HEDEF_SAMPLES", "HEDEF_REQUIRE_ALL", "HEDEF_CHROMIUM"}  # read elsewhere: tests and tools


def _given(home: Path, environ: Mapping[str, str]) -> list[tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    file = home / "hedef.toml"
    if file.is_file():
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise SettingError(f"{file}: not readable as TOML ({fault}).") from fault
        for name, value in content.items():
            text = ",".join(value) if isinstance(value, list) else str(value)
            found[name] = (name, text, f"{file}, setting {name}")
    for key, text in environ.items():
        if key.startswith("HEDEF_") and key not in _OUTSIDE:
            name = key.removeprefix("HEDEF_").lower()
            found[name] = (name, text, f"environment variable {key}")
    return list(found.values())


def database(settings: Settings) -> dict[str, Any]:
    """Django's entry for `DATABASES["default"]`."""
    if not settings.database_url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": settings.home / "hedef.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (  # the page size counts for a new file only: large imports take a tenth less
                    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
                    "PRAGMA cache_size=-65536;"
                ),
            },
        }
    url = urlsplit(settings.database_url)
    if url.scheme not in {"postgres", "postgresql"}:
        raise SettingError(
            f'HEDEF_DATABASE_URL: "{settings.database_url}" names no database that Hedef knows. '
            f"Leave it empty for SQLite, or write {_EXAMPLES['database_url']}"
        )
    query = {key: values[-1] for key, values in parse_qs(url.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.get("host", url.hostname or ""),
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 60,
    }


def tasks(settings: Settings) -> dict[str, Any]:
    """Django's entry for `TASKS["default"]`; what runs by the clock is added by the rooms when a worker starts.

    On SQLite a worker looks for jobs twice a second; PostgreSQL wakes it.
    """
    pause = 2.0 if settings.database_url else 0.5
    jobs = {"queues": ["default"], "threads": 1, "processes": settings.job_processes, "prefetch_multiplier": 1}
    system = {"queues": ["system"], "threads": 1, "processes": 1, "prefetch_multiplier": 1}
    return {
        "BACKEND": "dj_queue.backend.DjQueueBackend",
        "QUEUES": [],
        "OPTIONS": {
            "mode": "fork",
            "workers": [{**jobs, "polling_interval": pause}, {**system, "polling_interval": 2.0}],
            "dispatchers": [{"polling_interval": 2.0, "concurrency_maintenance": False}],
            "scheduler": {"polling_interval": 2.0},
            "process_heartbeat_interval": 15,
            "process_alive_threshold": 120,
            "shutdown_timeout": 30,
            "clear_finished_jobs_after": 3600,
            "clear_failed_jobs_after": 30 * 86400,
            "clear_recurring_executions_after": 3600,
        },
    }


def mailers(settings: Settings) -> dict[str, Any]:
    """Django's entry for `MAILERS`: files in a folder, or a server (STARTTLS on `smtp://`, TLS on `smtps://`)."""
    if "://" not in settings.mail:
        options: dict[str, Any] = {"file_path": settings.mail_dir}
        return {"default": {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": options}}
    url = urlsplit(settings.mail)
    query = parse_qs(url.query)
    plain = query.get("tls", [""])[-1] == "none"
    options = {
        "host": url.hostname or "localhost",
        "port": url.port or (465 if url.scheme == "smtps" else 587),
        "username": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "use_ssl": url.scheme == "smtps",
        "use_tls": url.scheme == "smtp" and not plain,
        "timeout": 30,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def now() -> datetime:
    """The home's clock, UTC: the real one, or a demo home's fixed day at 18:00 in the company's zone."""
    from django.conf import settings as django_settings  # the active settings, which a test may have replaced

    active: Settings = django_settings.HEDEF
    if active.today is None:
        return datetime.now(UTC)
    evening = datetime.combine(active.today, time(18), tzinfo=ZoneInfo(active.time_zone))
    # seconds go on, so that two changes made in a demo keep their order
    return evening.astimezone(UTC) + timedelta(seconds=datetime.now(UTC).timestamp() % 3600)


def _secret(settings: Settings) -> str:
    if settings.secret_key:
        return settings.secret_key
    file = settings.home / "secret.key"
    if not file.is_file():
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(48), encoding="ascii")
        except OSError as fault:
            reason = fault.strerror or type(fault).__name__
            raise SettingError(
                f"{settings.home} cannot be a data folder: {reason}.",
                hint="Choose another: --home DIR or HEDEF_HOME.",
            ) from fault
    return file.read_text(encoding="ascii").strip()


HEDEF = read_settings(os.environ)

# --- Django -----------------------------------------------------------------------------------------------------------

SECRET_KEY = _secret(HEDEF)
DEBUG = HEDEF.debug
ALLOWED_HOSTS = list(HEDEF.hosts)
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "dj_queue",
    "hedef.jobs",
    "hedef.ledger",
    "hedef.definitions",
    "hedef.records",
    "hedef.access",
    "hedef.facts",
    "hedef.intake",
    "hedef.publications",
    "hedef.process",
    "hedef.metrics",
    "hedef.targets",
    "hedef.web",
]
AUTH_USER_MODEL = "access.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database(HEDEF)}
TASKS = {"default": tasks(HEDEF)}
MAILERS = mailers(HEDEF)
DEFAULT_FROM_EMAIL = HEDEF.mail_from
ROOT_URLCONF = "hedef.urls"
WSGI_APPLICATION = "hedef.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hedef.web.middleware.ErrorPages",
    "axes.middleware.AxesMiddleware",
]
SECURE_CSP = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "form-action": ["'self'"],
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hedef.web.context.shell",
            ],
        },
    }
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AXES_FAILURE_LIMIT = 5
AXES_RESET_ON_SUCCESS = True
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "web/locked.html"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HEDEF.https
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_FAILURE_VIEW = "hedef.web.views.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("tr", "Türkçe")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
STATIC_URL = "/static/"
STATIC_ROOT = HEDEF.home / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = HEDEF.debug
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["hedef.web.uploads.LimitedUpload"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
