"""The order in which the stack starts. Each step prints one line."""

import asyncio
import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from deployments.local import deploying, environment, ports, postgres, prefect_setup
from deployments.local.parts import Part, fresh_log
from deployments.local.rights import close_below
from deployments.local.steps import Steps, say
from deployments.local.waiting import port_answers, until
from policy.calendar import Calendar
from policy.model import parse
from schemas.settings import ROOT, Settings
from tasks import clock
from tasks.prefect.api import NIGHTLY_SWEEP, PrefectApi, PrefectUnavailable
from tasks.store import adopted

#: How many runs the worker has at a time. Each is a process of its own that waits more than it computes.
WORKER_LIMIT = 4

_SETUP_TIMEOUT_SECONDS = 30.0
#: What pages under way may still take at the end.
_PAGES_SECONDS = 12.0


@dataclass
class Stack:
    """What there is: settings, mark, and the parts started so far."""

    settings: Settings
    mark: str
    prefect_file: Path | None = None
    remarks: tuple[str, ...] = ()
    steps: Steps = field(default_factory=Steps)
    lasting: list[Part] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def data(self) -> Path:
        """The data directory, as every part knows it."""
        return self.settings.data_dir.resolve()

    @property
    def prefect_yaml(self) -> Path:
        """The file of the deployments."""
        return (self.prefect_file or ROOT / "prefect.yaml").resolve()

    def part(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Part:
        """A part that is not started yet."""
        log = fresh_log(self.data / "logs", name)
        given = environment.client(self.settings, self.mark) if env is None else env
        return Part(name, command, given, log, environment.workplace())

    async def keep(self, part: Part) -> Part:
        """Start a part that lasts as long as the stack. It is on the list before it runs."""
        self.lasting.append(part)
        await part.start()
        self.news.set()
        return part

    def api(self) -> PrefectApi:
        """A connection to the stack's own Prefect."""
        return PrefectApi(
            environment.api_url(self.settings), environment.auth_string(self.settings), _SETUP_TIMEOUT_SECONDS
        )


def remarks(settings: Settings, now: datetime) -> tuple[str, ...]:
    """Warnings about the clock and the time zone. Raises BadPolicy, BadSettings, StoreUnavailable."""
    said = []
    if differs := Calendar(parse(*adopted.text_now(settings))).zone_data_differs(now):
        said.append(differs)
    if moved := clock.offset():
        way = "ahead" if moved > timedelta() else "back"
        said.append(f"Steward's clock is {abs(moved)} {way} ({clock.OFFSET}): for rehearsals only.")
    return tuple(said)


async def start(stack: Stack) -> None:
    """Bring everything up. Raises PartFailed or another StewardError when something does not come up."""
    begun = time.monotonic()
    say(f"Steward starts in {stack.data}")
    for remark in stack.remarks:
        say(f"  note: {remark}")
    async with stack.steps.step("PostgreSQL for Prefect"):
        await _start_postgres(stack)
    await _start_server(stack)
    if environment.catches_mail(stack.settings):
        async with stack.steps.step("Mail catcher"):
            await _start_mail(stack)
    async with stack.steps.step("Store") as step:
        step.outcome = await store_work(stack, "store", "prepare")
    await _start_pages(stack)
    async with stack.steps.step("Prefect server"):
        await until(lambda: is_healthy(stack), "Prefect's server")
        close_below(stack.data / "prefect")  # its pages were copied there with the rights of Prefect's own
        write_stack_file(stack)
    async with stack.api() as api:
        async with stack.steps.step("Work pool and queues") as step:
            await prefect_setup.ensure_pool(api)
            dead = await prefect_setup.mark_crashed(api)
            missed = await prefect_setup.skip_missed(api, clock.wall())
            step.outcome = f"{len(dead)} dead runs marked as crashed, {len(missed)} missed ones skipped"
        since = clock.wall()
        await _start_worker(stack)
        async with stack.steps.step("Deployments") as step:
            step.outcome = await _deploy(stack, api)
        async with stack.steps.step("Worker"):
            await until(lambda: prefect_setup.worker_is_polling(api, since), "Prefect's worker")
        if dead:
            async with stack.steps.step("Work of dead runs") as step:
                step.outcome = await store_work(stack, "give-back", "give-back", *(run.id for run in dead))
        if await prefect_setup.catch_up(api, missed):
            say("  a round over the pages was missed: it goes on now, beside the sweep")
        async with stack.steps.step("Sweep") as step:
            step.outcome = await _sweep(api)
    async with stack.steps.step("Web pages"):
        await until(lambda: port_answers(*environment.pages_at(stack.settings)), "The web pages")
    write_stack_file(stack)
    people = await store_work(stack, "people", "people") if "sample" in stack.settings.portal_sign_in else ""
    say(_ready(stack.settings, time.monotonic() - begun, people))


async def _start_postgres(stack: Stack) -> None:
    data = stack.data / "postgres"
    env = environment.bare(stack.mark)
    await asyncio.to_thread(postgres.ensure, data, env)
    part = stack.part("postgres", postgres.command(data), env)
    part.account = postgres.account()
    part.cwd = data
    part.stop_signal = signal.SIGINT  # "fast": end the sessions, write everything, go
    await stack.keep(part)
    await until(lambda: postgres.serves(data), "PostgreSQL", 0.05)


async def _start_server(stack: Stack) -> None:
    """Start it without waiting: other steps are taken in the seconds that it needs to become healthy."""
    env = environment.server(stack.settings, stack.mark, postgres.url(stack.data / "postgres"))
    port = str(stack.settings.prefect_port)
    await stack.keep(
        stack.part(
            "server", [*environment.PREFECT, "server", "start", "--host", ports.HOST, "--port", port], env
        )
    )


async def _start_mail(stack: Stack) -> None:
    port, folder = stack.settings.mail_port, stack.settings.mailbox.resolve()
    module = [sys.executable, "-m", "deployments.local.mail_catcher"]
    env = environment.base(stack.mark)
    await stack.keep(stack.part("mail", [*module, str(port), str(folder)], env))
    await until(lambda: port_answers(ports.HOST, port), "The mail catcher", 0.05)


async def _start_pages(stack: Stack) -> None:
    """The web pages; they are waited for later."""
    env = environment.client(stack.settings, stack.mark, sends_mail=True, signs_in=True)
    part = stack.part("portal", [sys.executable, "-m", "portal"], env)
    part.patience_seconds = _PAGES_SECONDS
    await stack.keep(part)


async def _start_worker(stack: Stack) -> None:
    """Our worker, and no health check: that would listen on every interface."""
    command = [sys.executable, "-m", "deployments.local.worker", str(stack.prefect_yaml), str(WORKER_LIMIT)]
    env = environment.client(stack.settings, stack.mark, sends_mail=True)
    await stack.keep(stack.part("worker", command, env))


async def _deploy(stack: Stack, api: PrefectApi) -> str:
    """Deploy everything, where something changed since it was last deployed; what was done."""
    file = stack.prefect_yaml
    wanted = deploying.fingerprint(file, (await asyncio.to_thread(adopted.text_now, stack.settings))[0])
    if await deploying.is_deployed(api, stack.data, file, wanted):
        return "unchanged"
    await stack.part("deploy", [sys.executable, "-m", "deployments.local.deploy", str(file)]).finish()
    deploying.note(stack.data, wanted)
    return ""


async def store_work(stack: Stack, name: str, *arguments: str) -> str:
    """Run store_work as a part; the last line it printed."""
    part = stack.part(name, [sys.executable, "-m", "deployments.local.store_work", *arguments])
    await part.finish()
    return (part.log.read_text().splitlines() or [""])[-1]


async def _sweep(api: PrefectApi) -> str:
    """Run a sweep and wait for it. A failure is printed; its reason is in Prefect's interface."""
    run = await api.ask_run(NIGHTLY_SWEEP)

    async def ended() -> bool:
        nonlocal run
        run = await api.run(run.id)
        return run.ended

    await until(ended, "The sweep")
    return f"{run.state_name}: {run.message}"


async def is_healthy(stack: Stack) -> bool:
    """Whether Prefect's server answers."""
    async with PrefectApi(environment.api_url(stack.settings), None) as api:
        try:
            await api.call("GET", "health")
        except PrefectUnavailable:
            return False
        return True


def write_stack_file(stack: Stack) -> None:
    """Write how commands on this machine find Prefect: at once as a whole, readable by the owner alone."""
    path = stack.data / "stack.json"
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    content = {
        "api_url": environment.api_url(stack.settings),
        "ui_url": environment.ui_url(stack.settings),
        "auth_file": str(environment.auth_file(stack.settings).resolve()),
        "prefect_port": stack.settings.prefect_port,
        "portal_url": stack.settings.portal_address,
        "mail_port": stack.settings.mail_port if environment.catches_mail(stack.settings) else None,
        "pids": {"up": os.getpid(), **{part.name: part.pid for part in stack.lasting}},
    }
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
    making.replace(path)


def next_commands(settings: Settings) -> str:
    """Commands that work as they are printed: from another terminal, in another folder."""
    program = Path(sys.executable).with_name("steward")
    steward = shlex.quote(str(program))
    if settings.data_dir != Settings.model_fields["data_dir"].default:
        steward = f"STEWARD_DATA_DIR={shlex.quote(str(settings.data_dir.resolve()))} {steward}"
    told = {
        "status": "what waits, and for whom",
        "clauses": "each clause: what serves it, how many accounts hold it",
        "account list": "the accounts",
        "mail list": "what Steward has written to people",
    }
    return "\n".join(f"  # {what}\n  {steward} {words}" for words, what in told.items())


def _who(people: str) -> str:
    """Whom to be there, as further lines."""
    lines = [one for one in people.split("; ") if one]
    return "".join(f"\n    {'there, be' if one is lines[0] else '':<14} {one}" for one in lines)


def _ready(settings: Settings, seconds: float, people: str) -> str:
    mail = (
        f"  Mail             caught in {settings.mailbox}"
        if environment.catches_mail(settings)
        else f"  Mail             leaves by {settings.smtp_host}:{settings.smtp_port}"
    )
    return f"""
Ready after {seconds:.0f} s.

  Web pages        {settings.portal_address}{_who(people)}
  Prefect          {environment.ui_url(settings)}
  Its login        the line in {environment.auth_file(settings)}
{mail}

Try next, in another terminal:
{next_commands(settings)}

Ctrl-C ends everything that was started here."""
