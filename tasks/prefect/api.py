"""Prefect's API, the few calls of it that Steward makes, over plain HTTP.

Not Prefect's own client: importing that takes well over a second, and `steward decide` asks for a run on its
way out. What goes through here carries ids and codes only, never a name, an address or a secret.
"""

import asyncio
import json
import os
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from schemas.errors import StewardError
from schemas.settings import Settings, load

#: Prefect gets this long before a command goes on without it.
TIMEOUT_SECONDS = 2.0
_PAGE = 200

#: The deployments of the sweep, of the round over the pages before it, and of the delivery, which also asks
#: for the runs of what waits.
NIGHTLY_SWEEP, PAGE_ROUND, NOTICE_DELIVERY = "nightly-sweep", "page-round", "notice-delivery"

#: States in which a run has not begun yet: it will still see what happens now.
NOT_BEGUN = frozenset({"SCHEDULED", "PENDING"})
ENDED = frozenset({"COMPLETED", "FAILED", "CANCELLED", "CRASHED"})


class PrefectUnavailable(StewardError):
    """Prefect can't be reached or refused; Steward goes on, and asks again later."""


class NoDeployment(PrefectUnavailable):
    """Prefect answers, and does not have this deployment; others may be there."""


@dataclass(frozen=True)
class Run:
    """One flow run, as far as we care. `worker`: the name of who took it; `since`: when its state began."""

    id: str
    name: str
    deployment_id: str | None
    state_type: str
    state_name: str
    message: str | None
    auto_scheduled: bool
    worker: str | None = None
    since: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will follow."""
        return self.state_type in ENDED

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Self:
        """From what Prefect's API says about it."""
        state = answer.get("state") or {}
        return cls(
            id=answer["id"],
            name=answer["name"],
            deployment_id=answer.get("deployment_id"),
            state_type=state.get("type") or "SCHEDULED",
            state_name=state.get("name") or "Scheduled",
            message=state.get("message"),
            auto_scheduled=bool(answer.get("auto_scheduled")),
            worker=(answer.get("labels") or {}).get("prefect.worker.name"),
            since=datetime.fromisoformat(began) if (began := state.get("timestamp")) else None,
        )


@contextmanager
def _understood() -> Iterator[None]:
    """The URL may not be Prefect. Raises PrefectUnavailable."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise PrefectUnavailable(
            "What answers at Prefect's address does not answer as Prefect does: check PREFECT_API_URL."
        ) from error


def _run(answer: Any) -> Run:
    with _understood():
        return Run.read(answer)


def stack_file(settings: Settings) -> Path:
    """Where `steward up` writes how to reach what it started."""
    return settings.data_dir / "stack.json"


def find(settings: Settings) -> tuple[str, str | None] | None:
    """Prefect's API address and auth string; None: no Prefect.

    From PREFECT_API_URL, which a run has; else from the settings, on one of several machines; else of the
    local stack.
    """
    if url := os.environ.get("PREFECT_API_URL"):
        return url.rstrip("/"), os.environ.get("PREFECT_API_AUTH_STRING")
    if settings.prefect_url:
        return (
            settings.prefect_url,
            settings.prefect_auth.get_secret_value() if settings.prefect_auth else None,
        )
    with suppress(OSError, ValueError, KeyError, TypeError):
        stack = json.loads(stack_file(settings).read_text())
        return stack["api_url"], Path(stack["auth_file"]).read_text().strip()
    return None


@cache
def _whom_to_trust(*, encrypted: bool) -> ssl.SSLContext:
    """The authorities, read once; over plain HTTP none.

    Reading them is thirty milliseconds of work, and whoever waits for a run asks again and again.
    """
    return httpx.create_ssl_context(trust_env=False) if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class PrefectApi:
    """An open connection to Prefect's API. Every call raises PrefectUnavailable when it goes wrong."""

    def __init__(
        self,
        url: str,
        auth: str | None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        user, _, password = (auth or "").partition(":")
        try:
            self._http = httpx.AsyncClient(
                base_url=url + "/",
                auth=(user, password) if auth else None,
                timeout=timeout_seconds,
                verify=_whom_to_trust(encrypted=url.startswith("https:")),
                trust_env=False,  # a proxy has no business between us and the loopback
                transport=transport,
            )
        except httpx.InvalidURL:
            raise PrefectUnavailable("PREFECT_API_URL is not an address: correct it, or remove it.") from None
        self._timeout_seconds = timeout_seconds
        self._deployments: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request; the answer's JSON, None where it is empty.

        The whole of it gets the time that was set: httpx alone counts from one byte to the next.
        """
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._http.request(method, path, json=body)
            answer.raise_for_status()
            return answer.json() if answer.content else None
        except httpx.HTTPStatusError as error:
            raise PrefectUnavailable(
                f"Prefect answered {error.response.status_code} to {method} {path}."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            raise PrefectUnavailable(
                f"Prefect's API can't be reached ({type(error).__name__}): is `steward up` running?"
            ) from error

    async def deployment_id(self, name: str) -> str:
        """The id of the deployment with this name. Raises NoDeployment when there is none."""
        if name not in self._deployments:
            found = await self.call(
                "POST", "deployments/filter", {"deployments": {"name": {"any_": [name]}}, "limit": 1}
            )
            if found == []:
                raise NoDeployment(f"Prefect has no deployment named {name}: start `steward up` again.")
            with _understood():
                self._deployments[name] = str(found[0]["id"])
        return self._deployments[name]

    async def ask_run(
        self, name: str, key: str | None = None, parameters: Mapping[str, Any] | None = None
    ) -> Run:
        """Ask for a run of a deployment. With the same `key` as before, the run from before is answered."""
        body: dict[str, Any] = {"state": {"type": "SCHEDULED"}, "parameters": dict(parameters or {})}
        if key is not None:
            body["idempotency_key"] = key
        deployment = await self.deployment_id(name)
        return _run(await self.call("POST", f"deployments/{deployment}/create_flow_run", body))

    async def run(self, run_id: str) -> Run:
        """How a run stands."""
        return _run(await self.call("GET", f"flow_runs/{run_id}"))

    async def runs_in(self, states: Iterable[str], due_before: datetime | None = None) -> list[Run]:
        """Every run in one of these state types, the oldest first; with `due_before`, those due before."""
        asked: dict[str, Any] = {"state": {"type": {"any_": sorted(states)}}}
        if due_before is not None:
            asked["next_scheduled_start_time"] = {"before_": due_before.isoformat()}
        found: list[Run] = []
        while True:
            page = await self.call(
                "POST",
                "flow_runs/filter",
                {
                    "flow_runs": asked,
                    "sort": "EXPECTED_START_TIME_ASC",
                    "limit": _PAGE,
                    "offset": len(found),
                },
            )
            with _understood():
                found += [Run.read(row) for row in page]
                if len(page) < _PAGE:
                    return found

    async def set_state(self, run_id: str, kind: str, name: str, message: str) -> None:
        """Put a run into a state, whatever Prefect's rules say about the way there."""
        state = {"type": kind, "name": name, "message": message}
        await self.call("POST", f"flow_runs/{run_id}/set_state", {"state": state, "force": True})

    async def emit(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Give events to Prefect's event feed, where automations can wait for them."""
        if events:
            await self.call("POST", "events", list(events))


async def forget_parameters(run_id: str) -> None:
    """Take what was typed into a run form out of Prefect's database: it looked like a secret.

    Best effort: without Prefect's API there is nothing that could have kept it.
    """
    address = find(load())
    if address is None:
        return
    with suppress(PrefectUnavailable):
        async with PrefectApi(*address) as api:
            await api.call("PATCH", f"flow_runs/{run_id}", {"parameters": {}})
