"""The environment variables of the processes of the stack."""

import os
import secrets
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import certifi

from deployments import NO_TELEMETRY
from deployments.local import marks
from deployments.local.ports import HOST
from schemas.settings import ROOT, Settings

POOL = "steward"

#: In the environment of a run's process, by Prefect: which run it is.
RUN_ID = "PREFECT__FLOW_RUN_ID"

#: Prefect's command line, from the environment that Steward itself runs in.
PREFECT = (sys.executable, "-m", "prefect")
_AUTH_USER = "steward"

#: Untuned, the server takes in about 25 task runs a second and memory messaging may lose some of a burst.
_SERVER_TUNING = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}


def auth_file(settings: Settings) -> Path:
    """Where Prefect's auth string is kept, readable by its owner alone."""
    return settings.data_dir / "prefect-auth"


def auth_string(settings: Settings) -> str:
    """The auth string of Prefect: that of the settings, else this installation's, made at the first start."""
    if settings.prefect_auth is not None:
        return settings.prefect_auth.get_secret_value()
    path = auth_file(settings)
    if not path.exists():
        made = path.with_name(path.name + ".making")
        made.unlink(missing_ok=True)
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{_AUTH_USER}:{secrets.token_urlsafe(24)}\n")
        made.replace(path)
    return path.read_text().strip()


def api_url(settings: Settings) -> str:
    """The address of Prefect's API."""
    return settings.prefect_url or f"http://{HOST}:{settings.prefect_port}/api"


def ui_url(settings: Settings) -> str:
    """The address of Prefect's user interface."""
    return f"http://{HOST}:{settings.prefect_port}"


def pages_at(settings: Settings) -> tuple[str, int]:
    """Where the web pages can be reached from this machine."""
    everywhere = settings.portal_host in {"0.0.0.0", "::"}  # noqa: S104 - it is only compared
    return (HOST if everywhere else settings.portal_host), settings.portal_port


def catches_mail(settings: Settings) -> bool:
    """Whether the mail goes to the local catcher: unless a mail server is set."""
    return "smtp_host" not in settings.model_fields_set


#: What a process needs of the caller's environment: where things are, and in which language.
_KEPT = frozenset(
    {"HOME", "LANG", "LOGNAME", "PYTHONPATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ", "USER"}
)
#: Settings for who sends mail alone, and for the web pages alone.
_FOR_MAIL = frozenset({"STEWARD_SMTP_USER", "STEWARD_SMTP_PASSWORD"})
_FOR_PAGES = frozenset({"STEWARD_PORTAL_CLIENT_SECRET", "STEWARD_PORTAL_XAPI_SECRET"})
#: Settings for `steward import pull` alone, which no part of the stack gives.
_FOR_PULLS = frozenset({"STEWARD_ONEROSTER_CLIENT_SECRET"})
#: Settings for Prefect's own servers alone, where they are on machines of their own.
_FOR_SERVERS = frozenset({"STEWARD_PREFECT_DATABASE_URL", "STEWARD_REDIS_URL"})


def bare(mark: str) -> dict[str, str]:
    """For PostgreSQL, which may run as another user: nothing of the caller's."""
    return {"PATH": os.defpath, "LC_ALL": "C", marks.VARIABLE: mark}


def base(mark: str) -> dict[str, str]:
    """For every process: what is on the list of the caller's environment, and the mark.

    Nothing else goes on, no setting of Prefect's: a `PREFECT_API_URL` or a profile of the caller would send
    our server's work to another Prefect.
    """
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")}
    return {
        **kept,
        "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", os.defpath),
        "PYTHONUNBUFFERED": "1",
        marks.VARIABLE: mark,
        **NO_TELEMETRY,
    }


#: One heap for all threads of the pages: each thread's own would keep what it once took, 3 MB together.
FOR_PAGES: Mapping[str, str] = {"MALLOC_ARENA_MAX": "1"}


def client(
    settings: Settings, mark: str, *, sends_mail: bool = False, signs_in: bool = False
) -> dict[str, str]:
    """For what talks to Prefect and the store.

    The mail server's login is for the worker and its runs, and for the web pages, which mail codes; the
    secret of the sign-in is for the web pages alone.
    """
    ours = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("STEWARD_") and name not in _FOR_SERVERS | _FOR_PULLS
    }
    if not sends_mail:
        ours = {name: value for name, value in ours.items() if name not in _FOR_MAIL}
    if not signs_in:
        ours = {name: value for name, value in ours.items() if name not in _FOR_PAGES}
    else:
        ours |= FOR_PAGES
    if catches_mail(settings):
        ours |= {"STEWARD_SMTP_HOST": HOST, "STEWARD_SMTP_PORT": str(settings.mail_port)}
    return {
        **ours,
        **_prefect(settings, mark),
        "STEWARD_DATA_DIR": str(settings.data_dir.resolve()),
        "STEWARD_PORTAL_URL": settings.portal_address,  # letters open its pages
        "STEWARD_SAMPLE": str(settings.sample).lower(),
        "PREFECT_API_URL": api_url(settings),
        "PREFECT_API_AUTH_STRING": auth_string(settings),
        **_certificates(settings),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_CLI_COLORS": "false",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_CLI_WRAP_LINES": "false",
    }


def _certificates(settings: Settings) -> Mapping[str, str]:
    """Over plain HTTP Prefect verifies nothing, and yet each of its clients reads every certificate there is.

    To deploy takes 550 clients, and reading was a third of its time: here they find one certificate.
    """
    if not api_url(settings).startswith("http://"):
        return {}
    file = settings.data_dir.resolve() / "prefect" / "one-certificate.pem"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        first, end, _ = Path(certifi.where()).read_text("utf-8").partition("-----END CERTIFICATE-----\n")
        file.write_text(first + end, "utf-8")
    return {"PREFECT_API_SSL_CERT_FILE": str(file)}


def _prefect(settings: Settings, mark: str) -> dict[str, str]:
    return {
        **base(mark),
        # Zones from the tzdata package, as Steward's own: with a machine's older data Prefect's schedules in
        # Alberta are an hour late every winter.
        "PYTHONTZPATH": "",
        "PREFECT_HOME": str(settings.data_dir.resolve() / "prefect"),
    }


def server(settings: Settings, mark: str, database_url: str) -> Mapping[str, str]:
    """For Prefect's server. It knows no setting of Steward's: neither the store nor the mail server."""
    return {
        **_prefect(settings, mark),
        "PREFECT_API_URL": api_url(settings),
        "PREFECT_API_AUTH_STRING": auth_string(settings),
        **_SERVER_TUNING,
        **_keeps(settings.prefect_keep_days, settings.prefect_keep_event_days),
        "PREFECT_SERVER_API_AUTH_STRING": auth_string(settings),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database_url,
        **_pages_of_prefect(settings),
    }


def _keeps(days: int, event_days: int) -> Mapping[str, str]:
    """How long Prefect keeps what ended, and the events that it writes of everything.

    A run keeps what was typed into its form for as long as the run is kept.
    """
    return {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs,orphans",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(days * 86_400),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{event_days}D",
    }


def _pages_of_prefect(settings: Settings) -> Mapping[str, str]:
    """Where Prefect copies its pages to at a start: beside its code, or where a service may write."""
    found = find_spec("prefect")
    if found is not None and found.origin and os.access(Path(found.origin).parent, os.W_OK):
        return {}
    return {"PREFECT_SERVER_UI_STATIC_DIRECTORY": str(settings.data_dir.resolve() / "prefect" / "ui")}


def workplace() -> Path:
    """The working directory of every process: the checkout."""
    return ROOT
