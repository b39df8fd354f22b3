"""The few endpoints of Prefect that Steward calls, over real HTTP on the loopback, with faults to order."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from tasks.prefect.api import PrefectApi

AUTH = "steward:canary-auth-string"


def _as_json(content: Any) -> bytes:
    return b"" if content is None else json.dumps(content).encode()


@dataclass
class PrefectDouble:
    """What it was asked and what it keeps. `fault` names what is wrong with it, if anything is."""

    port: int = 0
    fault: str | None = None
    asked: list[tuple[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    #: Deployments that it does not have.
    missing: set[str] = field(default_factory=set)
    #: As long as it is set and not fulfilled, no run is made: so two relays can be caught in between.
    gate: asyncio.Barrier | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def runs_of(self, lifecycle: str) -> list[dict[str, Any]]:
        return [run for run in self.runs if run["deployment_id"] == f"deployment-{lifecycle}"]

    def now_all(self, state: str) -> None:
        for run in self.runs:
            run["state"] = {"type": state, "name": state.title(), "message": None}

    async def answer(self, path: str, body: Any) -> tuple[int, Any]:
        if path == "deployments/filter":
            (name,) = body["deployments"]["name"]["any_"]
            return 200, [] if name in self.missing else [{"id": f"deployment-{name}"}]
        if path == "events":
            self.events += body
            return 204, None
        if path.startswith("flow_runs/"):
            found = [run for run in self.runs if run["id"] == path.removeprefix("flow_runs/")]
            return (200, found[0]) if found else (404, {"detail": "Flow run not found"})
        deployment, _, call = path.removeprefix("deployments/").partition("/")
        assert call == "create_flow_run", path
        if self.gate is not None:
            await self.gate.wait()
        for run in self.runs:
            if (run["deployment_id"], run["key"]) == (deployment, body["idempotency_key"]):
                return 200, run
        run = {
            "id": f"run-{len(self.runs) + 1}",
            "name": "made-up run",
            "deployment_id": deployment,
            "key": body["idempotency_key"],
            "state": {"type": "SCHEDULED", "name": "Scheduled", "message": None},
        }
        self.runs.append(run)
        return 201, run

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
                raw = await reader.readexactly(int(headers.get("content-length", 0)))
                path = head.split(" ")[1].removeprefix("/api/")
                body = json.loads(raw) if raw else None
                self.asked.append((path, body))
                await self._reply(writer, path, body, headers)
        writer.close()

    async def _reply(
        self, writer: asyncio.StreamWriter, path: str, body: Any, headers: dict[str, str]
    ) -> None:
        match self.fault:
            case "stall":
                await asyncio.Event().wait()
            case "trickle":  # a byte now and then: no single read ever takes long
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                while True:
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.1)
            case "hangs up":
                writer.close()
                raise ConnectionError
            case "not HTTP":
                writer.write(b"220 mail.example.org ESMTP\r\n")
                await writer.drain()
                writer.close()
                raise ConnectionError
        status, content = self._wrong() or await self.answer(path, body)
        if self.fault is None:
            given = base64.b64encode(AUTH.encode()).decode().lower()
            assert headers["authorization"] == f"basic {given}"
        data = content if isinstance(content, bytes) else _as_json(content)
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()

    def _wrong(self) -> tuple[int, Any] | None:
        return {
            "500": (500, {"exception_message": "Internal Server Error"}),
            "401": (401, {"detail": "Unauthorized"}),
            "moved": (307, None),
            "a web page": (200, b"<html>Welcome to another program</html>"),
            "an object": (200, {"hello": "there"}),
            "a number": (200, 7),
            "a list of nothing": (200, [None]),
            "nothing": (200, None),
        }.get(self.fault or "")


@asynccontextmanager
async def prefect() -> AsyncIterator[PrefectDouble]:
    """The double, listening on a free port for as long as the block runs."""
    double = PrefectDouble()
    talking: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        with suppress(asyncio.CancelledError):
            await double.handle(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    double.port = server.sockets[0].getsockname()[1]
    try:
        yield double
    finally:
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking)


def wait_for_prefect(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """The relay gives an answer of Prefect so long."""
    monkeypatch.setattr("tasks.prefect.relay.PrefectApi", partial(PrefectApi, timeout_seconds=seconds))
