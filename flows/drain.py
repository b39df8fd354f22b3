"""What every lifecycle's run has in common: take, gather, move each case, deliver, relay, say how it went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog
from prefect import runtime
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from schemas.errors import StewardError
from tasks import clock
from tasks.lifecycles import Lifecycle
from tasks.mail.report import DeliveryReport
from tasks.prefect import steps
from tasks.runtime import opened

log = structlog.get_logger(__name__)


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


async def move_all(lifecycles: Iterable[Lifecycle], now: datetime, tally: Tally) -> None:
    """Move every case of every stage, each in a task of its own named after the account.

    One case that fails does not hold up the others; it is named at the end, and the nightly sweep
    tries it again.
    """
    for lifecycle in lifecycles:
        for stage in lifecycle.stages:
            for case in await steps.due(lifecycle.name, stage.word, now):
                # Prefect's types call this coroutine a state
                asked: Any = steps.move(lifecycle.name, stage.word, case, now, return_state=True)
                state = await asked
                if state.is_completed():
                    tally.add(await state.result())
                else:
                    tally.failed.append(case.label)


def told(report: DeliveryReport) -> str:
    """What was delivered, in words; empty when there was nothing to do."""
    return "" if report == DeliveryReport() else str(report)


def verdict(tally: Tally, notices: str) -> State[Any]:
    """The run's last state: its name says the outcome, its message the counts."""
    message = "; ".join(part for part in (str(tally), notices) if part) or "Nothing was due."
    if tally.failed:
        return Failed(
            name="Not everything moved",
            message=f"{len(tally.failed)} failed ({', '.join(tally.failed[:5])}): see their tasks. {message}",
        )
    return Completed(name="Moved" if tally.happened else "Nothing due", message=message)


async def drain(lifecycle: Lifecycle) -> State[Any]:
    """One run of a lifecycle.

    The wake-ups are taken before gathering, so that an event which commits later has one of its own.
    The notices that the run has committed are delivered by the run itself.
    """
    run, now, tally = run_id(), clock.now(), Tally()
    try:
        async with opened():
            await steps.take(lifecycle.name, run, now)
            await move_all([lifecycle], now, tally)
            report = await steps.deliver(run, now)
            await steps.done(lifecycle.name, run)
            await steps.relay(now)
    except StewardError as error:
        log.warning("run.failed", lifecycle=lifecycle.name, error=type(error).__name__)
        return Failed(name=type(error).__name__, message=str(error))
    return verdict(tally, told(report))
