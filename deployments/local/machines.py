"""The parts of Steward, each on a machine of its own: what is run there, and with which environment.

`up` starts all of them on one machine and watches them. Here each is one program in the foreground, which the
machine's own supervisor starts and starts again. They meet in PostgreSQL, in Redis and at the address of
Prefect's API, behind which several API servers may be.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deployments.local import environment, marks
from schemas.errors import BadSettings
from schemas.settings import ROOT, Settings

#: How long a run's place is kept after it was last heard of: what a dead machine held is free after that.
_LEASE_SECONDS = 60

#: What Prefect's client tries again beside its own list: an API server whose database or Redis is away, and
#: the proxy before it.
_TRIED_AGAIN = "500,504"

#: Which parts need which settings.
_NEEDS = {
    "api": ("prefect_url", "prefect_auth", "prefect_database_url", "redis_url"),
    "services": ("prefect_url", "prefect_auth", "prefect_database_url", "redis_url"),
    "worker": ("prefect_url", "prefect_auth", "database_url"),
    "pages": ("prefect_url", "prefect_auth", "database_url"),
    "prepare": ("prefect_url", "prefect_auth", "prefect_database_url", "database_url"),
    "deploy": ("prefect_url", "prefect_auth", "database_url"),
}


@dataclass(frozen=True)
class Program:
    """What is run: a command and its whole environment."""

    command: Sequence[str]
    env: Mapping[str, str]

    def become(self) -> None:
        """Run it in the place of this process: whoever supervises this one supervises it."""
        os.chdir(ROOT)
        os.execve(self.command[0], list(self.command), dict(self.env))  # noqa: S606 - our own program


def require(settings: Settings, part: str) -> None:
    """Raises BadSettings with the settings that a part needs and this machine lacks."""
    missing = [f"STEWARD_{name.upper()}" for name in _NEEDS[part] if getattr(settings, name) is None]
    if missing:
        raise BadSettings(
            f"On a machine of its own this needs {', '.join(missing)}: write it into steward.env there. "
            "docs/machines.md has an example."
        )


def api(settings: Settings) -> Program:
    """An API server: it answers, and runs none of Prefect's services. Raises BadSettings."""
    require(settings, "api")
    where = ("--host", settings.prefect_host, "--port", str(settings.prefect_port))
    return Program((*environment.PREFECT, "server", "start", "--no-services", *where), _server(settings))


def services(settings: Settings) -> Program:
    """Prefect's services: schedules, late runs, automations, what ended long ago. Raises BadSettings."""
    require(settings, "services")
    return Program((*environment.PREFECT, "server", "services", "start"), _server(settings))


def database(settings: Settings) -> Program:
    """Bring Prefect's own database up to date: once, before any of its servers is started."""
    return Program((*environment.PREFECT, "server", "database", "upgrade", "--yes"), _server(settings))


def worker(settings: Settings, limit: int, queues: Sequence[str]) -> Program:
    """The worker of this machine, for these queues of the pool or for all. Raises BadSettings."""
    require(settings, "worker")
    file = str(ROOT / "prefect.yaml")
    command = (sys.executable, "-m", "deployments.local.worker", file, str(limit), settings.machine, *queues)
    env = environment.client(settings, _mark(settings), sends_mail=True)
    return Program(command, {**env, "PREFECT_CLIENT_RETRY_EXTRA_CODES": _TRIED_AGAIN})


def pages(settings: Settings) -> Program:
    """The web pages of this machine. Raises BadSettings."""
    require(settings, "pages")
    env = environment.client(settings, _mark(settings), sends_mail=True, signs_in=True)
    return Program((sys.executable, "-m", "portal"), env)


def deployed(settings: Settings) -> Program:
    """Tell Prefect what it may run: all that prefect.yaml names."""
    command = (*environment.PREFECT, "--no-prompt", "deploy", "--all")
    return Program(command, environment.client(settings, _mark(settings)))


def _mark(settings: Settings) -> str:
    return marks.new(settings.data_dir)


def _server(settings: Settings) -> Mapping[str, str]:
    """For an API server or the services: all that one process would keep to itself is in Redis.

    The pages of Prefect are copied into the data directory: the checkout may be read only.
    """
    url = settings.prefect_database_url.get_secret_value() if settings.prefect_database_url else ""
    own: Path = settings.data_dir.resolve() / "prefect" / "ui"
    return {
        **environment.server(settings, _mark(settings), url),
        **(_over_redis(settings.redis_url.get_secret_value()) if settings.redis_url else {}),
        # two that start at once would both do it, and one of them would end
        "PREFECT_API_DATABASE_MIGRATE_ON_START": "false",
        "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(own),
        "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": str(_LEASE_SECONDS),
    }


def _over_redis(url: str) -> Mapping[str, str]:
    """Messages, the order of events, leases of runs' places, what workers clear up, and who runs services."""
    return {
        "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_REDIS_MESSAGING_URL": url,
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": "prefect_redis.cleanup_queue",
        "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL": url,
        "PREFECT_SERVER_DOCKET_URL": url,
    }
