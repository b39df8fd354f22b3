"""What every lifecycle's run has in common: take, gather, move each case, deliver, relay, say how it went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog
from prefect import runtime
from prefect.client.schemas import State

from flows.naming import Ending, at, ended, name_run
from flows.running import running
from flows.waiting_room import refresh_waiting_room
from schemas.errors import BadInput, StewardError
from tasks import clock
from tasks.cases import Only
from tasks.lifecycles import Lifecycle
from tasks.mail.delivery import DeliveryReport
from tasks.prefect import run_tasks

log = structlog.get_logger(__name__)

#: Cases named in a run's message, at most.
NAMED = 5


@dataclass
class Tally:
    """How a run went: what happened how often, and the cases that failed."""

    happened: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def add(self, said: Sequence[str]) -> None:
        """Count what one case did."""
        for one in said:
            self.happened[one] = self.happened.get(one, 0) + 1

    def __str__(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in sorted(self.happened.items()))


def run_id() -> str:
    """This run's id, as wake-ups and leases are signed with it."""
    return runtime.flow_run.id or f"by-hand-{uuid4()}"


async def move_all(
    lifecycles: Iterable[Lifecycle], now: datetime, tally: Tally, only: Only | None = None
) -> None:
    """Move every case of every stage, each in a task of its own named after the account.

    One case that fails does not hold up the others; it is named at the end, and the nightly sweep
    tries it again. What is due is found as of `now`, the run's moment. Each case is moved at the moment of
    its own turn: others write into the audit chain while a run lasts, and no entry is far behind the last.
    """
    for lifecycle in lifecycles:
        for stage in lifecycle.stages:
            for case in await run_tasks.due(lifecycle.name, stage.word, now, only):
                # Prefect's types call this coroutine a state
                moment = clock.now()
                asked: Any = run_tasks.move(lifecycle.name, stage.word, case, moment, return_state=True)
                state = await asked
                if state.is_completed():
                    tally.add(await state.result())
                    log.info("case.moved", stage=stage.word, case=case.label, said=state.message)
                else:
                    tally.failed.append(case.label)
                    log.warning("case.failed", stage=stage.word, case=case.label)


def told(report: DeliveryReport) -> str:
    """What was delivered, in words; empty when there was nothing to do."""
    return "" if report == DeliveryReport() else str(report)


def was_due(report: DeliveryReport) -> bool:
    """Whether a letter was due: what is held for working hours is not."""
    return replace(report, held=0) != DeliveryReport()


async def verdict(
    tally: Tally,
    report: DeliveryReport,
    *,
    found: str = "",
    is_news: bool = False,
    idle: str = "Nothing was due",
) -> State[Any]:
    """The run's last state: what happened how often, what was `found`, what was delivered.

    `idle` begins it where nothing was due: nothing moved, what was found is no news, and no letter was due.
    """
    happened = bool(tally.happened or tally.failed or is_news or was_due(report))
    said = [str(tally) if happened else idle, found, told(report)]
    if tally.failed:
        named = ", ".join(tally.failed[:NAMED])
        said = [f"{len(tally.failed)} failed ({named}): see their tasks", *said]
    message = "; ".join(one for one in said if one)
    if tally.failed:
        return await ended(Ending.FAILED, message)
    return await ended(Ending.MOVED if happened else Ending.NOTHING_DUE, message)


async def failed(error: StewardError, what: str) -> State[Any]:
    """The last state of a run that could not do its work."""
    log.warning("run.failed", what=what, error=type(error).__name__)
    return await ended(Ending.FAILED, str(error))


async def drain(lifecycle: Lifecycle, account: str | None = None) -> State[Any]:
    """One run of a lifecycle: for all that is due, or for one account.

    Wake-ups are taken before gathering, so that an event which commits later has one of its own. A run for
    one account leaves them to the run that they asked for. The notices that the run has committed are
    delivered by the run itself.

    Args:
        lifecycle: what runs.
        account: a number or a handle; one that is not known ends the run with what to mend.
    """
    run, now, tally = run_id(), clock.now(), Tally()
    title = lifecycle.name.replace("-", " ")
    only, idle = None, "Nothing was due"
    try:
        async with running() as runtime:
            if account:
                try:
                    only = await run_tasks.find_account(account)
                except BadInput as refusal:
                    await name_run(title, "one account")
                    return await ended(Ending.REFUSED, str(refusal))
                await name_run(title, only.label)
                idle = f"Nothing was due for {only.label}"
            else:
                causes = await run_tasks.take(lifecycle.name, run, now)
                await name_run(title, causes or at(now, runtime.policy.zone))
            await move_all([lifecycle], now, tally, only)
            report = await run_tasks.deliver(run)
            await run_tasks.done(lifecycle.name, run)
            await refresh_waiting_room(now, runtime.policy.zone)
            await run_tasks.relay(clock.now())
    except StewardError as error:
        return await failed(error, lifecycle.name)
    return await verdict(tally, report, idle=idle)
