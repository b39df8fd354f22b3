"""From a decision to the next notice of its request, accepted by the SMTP server.

    python -m benchmarks.decision_to_notice [TIMES]

On the real local stack (Prefect's server, worker, mail catcher, sample division): a request that waits is
decided as `steward decide` does it, but for the start of a command (record and relay, in this process), until
the mail server has accepted the requester's notice. In turn with it, Prefect alone: an event is emitted, an
automation runs a deployment on the same worker and queue, and its flow does nothing; until Running, and until
Completed.
"""

import argparse
import asyncio
import email
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email import policy as email_policy
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text

from benchmarks.beside.machine import machine
from benchmarks.beside.stack import a_stack
from benchmarks.results import keep
from deployments.local import environment
from deployments.sample.words import Level, Platform, ProvidedTool
from schemas.settings import Settings
from schemas.words import ChannelKind, Verdict, Via
from tasks import clock
from tasks.prefect.api import PrefectApi, find
from tasks.prefect.relay import relay
from tasks.requests.decide import DecisionForm, record_decision
from tasks.requests.hand_in import RequestForm, submit_request
from tasks.runtime import Runtime, opened

LOOK_AGAIN_SECONDS = 0.02
PATIENCE_SECONDS = 120
EVENT = "steward.benchmark"
T = TypeVar("T")


@dataclass
class Decided:
    """One decision, in seconds from the call: recorded and relayed, its run taken by the worker and Running,
    the notice accepted."""

    asked: float
    taken: float
    running: float
    accepted: float


@dataclass
class Nothing:
    """One event, in seconds from the call: the run created, taken by the worker, Running, Completed."""

    created: float
    taken: float
    running: float
    completed: float


async def until(condition: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Look again until there is something. Raises TimeoutError."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while (found := await condition()) is None:
        if time.monotonic() > ends:
            raise TimeoutError(f"waited in vain for {what}")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return found


async def rows(runtime: Runtime, query: str, **values: object) -> list[dict[str, Any]]:
    async with runtime.store.read() as session:
        found = await session.run(text(query), values)
        return [dict(row) for row in found.mappings()]


async def quiet(runtime: Runtime, api: PrefectApi) -> None:
    """Wait until no run is under way or due, nothing waits for one, and the last mail has left."""

    async def still() -> bool | None:
        waiting = await rows(runtime, "SELECT 1 FROM wake WHERE state <> 'done' LIMIT 1")
        alive = await api.runs_in(("PENDING", "RUNNING", "CANCELLING"))
        due = await api.runs_in(("SCHEDULED",), due_before=clock.wall() + timedelta(seconds=1))
        return None if waiting or alive or due else True

    await until(still, "the stack to be quiet")


async def submitted(runtime: Runtime, api: PrefectApi, count: int) -> list[int]:
    """So many requests that await their decision."""
    people = await rows(
        runtime,
        "SELECT s.name AS school, (SELECT p.email FROM role r JOIN person p ON p.id = r.person_id "
        "WHERE r.kind = 'school administrator' AND r.school_id = s.id AND p.active AND r.ends_on IS NULL "
        "ORDER BY p.id LIMIT 1) AS principal, (SELECT p.email FROM person p WHERE p.school_id = s.id "
        "AND p.active AND p.kind = 'staff' AND p.id NOT IN (SELECT person_id FROM role) "
        "ORDER BY p.id DESC LIMIT 1) AS teacher FROM school s WHERE s.active AND NOT s.is_division "
        "ORDER BY s.id",
    )
    casts = [one for one in people if one["principal"] and one["teacher"]]
    numbers = []
    for number in range(count):
        cast = casts[number % len(casts)]
        form = RequestForm(
            actor=cast["teacher"],
            level=Level.SCHOOL,
            channel=ChannelKind.SOCIAL_MEDIA,
            platform=Platform.INSTAGRAM,
            handle=handle(number),
            school=cast["school"],
            purpose="News and pictures of what the school does, for its families.",
            audience="Families of the school",
            tools_considered=(ProvidedTool.WEBSITE, ProvidedTool.CALL_OUT),
            why_not="Families do not open the website every day.",
            administrators=(cast["principal"], cast["teacher"]),
        )
        made = await submit_request(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())
        numbers.append(made.subject.id)
    await relay(runtime.store, runtime.settings, clock.now())
    await quiet(runtime, api)
    state = "SELECT id FROM account_request WHERE state = 'awaiting decision'"
    if missing := set(numbers) - {one["id"] for one in await rows(runtime, state)}:
        raise RuntimeError(f"{len(missing)} requests do not await their decision")
    return numbers


def handle(number: int) -> str:
    return f"@benchmark.{number:04}"


def mails(settings: Settings) -> set[str]:
    return {name for name in os.listdir(settings.mailbox) if name.endswith(".eml")}  # noqa: PTH208 - often


def words(path: Path) -> str:
    """The text of a message that was kept."""
    message = email.message_from_bytes(path.read_bytes(), policy=email_policy.default)
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""


async def runs(api: PrefectApi, deployments: list[str], since: float) -> list[dict[str, Any]]:
    """The runs of these deployments that were asked for since, those that began first in front."""
    asked = {"deployments": {"id": {"any_": deployments}}, "sort": "ID_DESC", "limit": 20}
    found = await api.call("POST", "flow_runs/filter", asked)
    ours = [run for run in found if at(run["created"]) >= since and not run["auto_scheduled"]]
    return sorted(ours, key=lambda run: run["start_time"] or "later")


def at(moment: str) -> float:
    """Prefect's times as seconds; on one machine they are the same clock."""
    return datetime.fromisoformat(moment).timestamp()


async def taken(api: PrefectApi, run: dict[str, Any]) -> float:
    """When the worker took a run: between that and Running its process starts and imports."""
    states = await api.call("GET", f"flow_run_states/?flow_run_id={run['id']}")
    return min(at(one["timestamp"]) for one in states if one["type"] == "PENDING")


async def accepted(settings: Settings, known: set[str], name: str) -> float:
    """The moment at which the mail server has accepted a message that names this handle."""

    async def look() -> float | None:
        for new in sorted(mails(settings) - known):
            known.add(new)
            if name in words(settings.mailbox / new):
                return time.time()
        return None

    return await until(look, "the notice")


async def one_decision(runtime: Runtime, api: PrefectApi, officer: str, request: int, name: str) -> Decided:
    """As `steward decide` does it."""
    known = mails(runtime.settings)
    form = DecisionForm(request=request, actor=officer, verdict=Verdict.APPROVE, reason="A clear purpose.")
    begun = time.time()
    await record_decision(runtime.store, runtime.policy, form, via=Via.COMMAND, now=clock.now())
    await relay(runtime.store, runtime.settings, clock.now())
    asked = time.time() - begun
    end = await accepted(runtime.settings, known, name)
    woken = [await api.deployment_id(each) for each in ("account-creation", "training-gate")]
    run = (await runs(api, woken, begun))[0]  # who begins first delivers
    return Decided(asked, await taken(api, run) - begun, at(run["start_time"]) - begun, end - begun)


async def one_form(runtime: Runtime, api: PrefectApi, officer: str, request: int, name: str) -> float:
    """As Communications does it in the Prefect UI: a run form; seconds until the notice is accepted."""
    known = mails(runtime.settings)
    decision = {"request": request, "actor": officer, "verdict": "approve", "reason": "A clear purpose."}
    begun = time.time()
    await api.ask_run("decide-a-request", parameters=decision)
    return await accepted(runtime.settings, known, name) - begun


async def deploy_nothing(api: PrefectApi) -> str:
    """The flow that does nothing, on the lifecycles' queue, run by an automation at each event; its id."""
    flow = await api.call("POST", "flows/", {"name": "nothing"})
    made = await api.call(
        "POST",
        "deployments/",
        {
            "name": "nothing",
            "flow_id": flow["id"],
            "entrypoint": "benchmarks.beside.nothing.nothing",
            "work_pool_name": environment.POOL,
            "work_queue_name": "lifecycles",
            "pull_steps": [],
        },
    )
    trigger = {
        "type": "event",
        "posture": "Reactive",
        "expect": [EVENT],
        "match": {},
        "for_each": ["prefect.resource.id"],
        "threshold": 1,
        "within": 0,
    }
    action = {"type": "run-deployment", "source": "selected", "deployment_id": made["id"]}
    await api.call(
        "POST", "automations/", {"name": "nothing", "trigger": trigger, "actions": [action], "enabled": True}
    )
    return str(made["id"])


async def one_nothing(api: PrefectApi, deployment: str, number: int) -> Nothing:
    from prefect.events import emit_event  # noqa: PLC0415 - reads its settings when it is imported

    begun = time.time()
    emit_event(event=EVENT, resource={"prefect.resource.id": f"benchmark.{number}"})

    async def completed() -> dict[str, Any] | None:
        found = await runs(api, [deployment], begun)
        return found[0] if found and found[0]["end_time"] else None

    run = await until(completed, "the run that does nothing")
    if run["state_type"] != "COMPLETED":
        raise RuntimeError(f"the run that does nothing is {run['state_name']}")
    created, running, ended = (at(run[each]) - begun for each in ("created", "start_time", "end_time"))
    return Nothing(created, await taken(api, run) - begun, running, ended)


async def measure(times: int, forms: bool) -> tuple[list[Decided], list[Nothing], list[float]]:
    decided: list[Decided] = []
    nothing: list[Nothing] = []
    formed: list[float] = []
    async with opened() as runtime:
        url, auth = find(runtime.settings) or ("", None)
        os.environ |= {"PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": auth or ""}
        os.environ["PREFECT_HOME"] = str(runtime.settings.data_dir / "prefect")
        officer = (
            await rows(
                runtime,
                "SELECT p.email FROM role r JOIN person p ON p.id = r.person_id WHERE p.active "
                "AND r.kind = 'communications officer' ORDER BY p.id LIMIT 1",
            )
        )[0]["email"]
        async with PrefectApi(url, auth, 30) as api:
            deployment = await deploy_nothing(api)
            requests = await submitted(runtime, api, (times + 1) * (2 if forms else 1))
            for number, request in enumerate(requests[: times + 1]):
                await quiet(runtime, api)
                one = await one_decision(runtime, api, officer, request, handle(number))
                await quiet(runtime, api)
                other = await one_nothing(api, deployment, number)
                form = None
                if forms:
                    await quiet(runtime, api)
                    last = times + 1 + number
                    form = await one_form(runtime, api, officer, requests[last], handle(last))
                if number:  # the first of each is to warm up
                    decided.append(one)
                    nothing.append(other)
                    formed += [form] if form else []
                    print(
                        f"decision {one.asked:.2f} · {one.running:.2f} · {one.accepted:.2f} s, nothing "
                        f"{other.created:.2f} · {other.running:.2f} · {other.completed:.2f} s"
                        f"{f', form {form:.2f} s' if form else ''}; {machine()}",
                        flush=True,
                    )
    return decided, nothing, formed


def row(what: str, seconds: list[float]) -> str:
    """Median and 95th percentile."""
    ordered = statistics.quantiles(seconds, n=20, method="inclusive")
    return f"| {what} | {len(seconds)} | {statistics.median(seconds):.2f} | {ordered[18]:.2f} |"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("times", nargs="?", type=int, default=15)
    parser.add_argument("--forms", action="store_true", help="also decide in the run form of the Prefect UI")
    chosen = parser.parse_args()
    before = machine()
    with tempfile.TemporaryDirectory(prefix="steward-bench-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user when we are root
        with a_stack(Path(folder, "data")):
            decided, nothing, formed = asyncio.run(measure(max(2, chosen.times), chosen.forms))
    print(f"\n{before} before, {machine()} after\n")
    print("| from the call until | times | median (s) | 95th percentile (s) |\n|---|--:|--:|--:|")
    print(row("decision: recorded, its run asked for", [one.asked for one in decided]))
    print(row("decision: the worker has its run", [one.taken for one in decided]))
    print(row("decision: its run is Running", [one.running for one in decided]))
    print(row("**decision: the notice is accepted**", [one.accepted for one in decided]))
    print(row("event: a run is created", [one.created for one in nothing]))
    print(row("event: the worker has it", [one.taken for one in nothing]))
    print(row("**event: the run that does nothing is Running**", [one.running for one in nothing]))
    print(row("event: it is Completed", [one.completed for one in nothing]))
    if formed:
        print(row("decision in a run form: the notice is accepted", formed))
    ratios = {
        until: statistics.median(one.accepted for one in decided)
        / statistics.median(getattr(one, until) for one in nothing)
        for until in ("running", "completed")
    }
    print(f"\naccepted ÷ Running {ratios['running']:.2f}, accepted ÷ Completed {ratios['completed']:.2f}")
    kept = [
        {**asdict(one), **{f"nothing_{k}": v for k, v in asdict(other).items()}, "machine": before}
        for one, other in zip(decided, nothing, strict=True)
    ]
    keep("decision_to_notice", kept)


if __name__ == "__main__":
    main()
