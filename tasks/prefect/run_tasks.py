"""The thin Prefect tasks that flows are made of. Each calls one plain function with the run's runtime.

Inputs are ids, labels and moments, which hash; nothing is cached, because the store and not Prefect
says what was done already.
"""

from contextlib import suppress
from datetime import datetime
from typing import Literal

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas import State
from prefect.context import TaskRunContext
from prefect.states import Completed

from policy.notices.operators import SweepTrouble
from schemas.errors import BadInput
from schemas.outcome import Outcome, RoleAt, Subject, Tell
from schemas.words import SubjectKind
from tasks import clock, heads
from tasks.cases import Case, Only, gathered
from tasks.findings import evaluation as findings
from tasks.findings import notify_findings as telling
from tasks.findings.evaluation import RuleOutcome
from tasks.findings.listing import Asked, Listed, list_findings
from tasks.findings.overview import (
    AccountStanding,
    SchoolStanding,
    list_holding,
    list_school_accounts,
    list_schools,
)
from tasks.items import waiting_room
from tasks.lifecycles import Stage, named
from tasks.mail.delivery import DeliveryReport
from tasks.mail.delivery import deliver as deliver_notices
from tasks.pages import page_round
from tasks.prefect import relay as relaying
from tasks.prefect.saying import causes, in_words
from tasks.requests.asked_for import asked_for
from tasks.runtime import current
from tasks.store import audit, left, wakes
from tasks.store.apply import apply
from tasks.store.audit import STEWARD

#: Tasks of one run at most: beyond, cases share tasks (Prefect's server takes in some 25 a second).
CASES_AT_MOST = 150


@task(name="take the wake-ups", task_run_name="take the wake-ups", cache_policy=NO_CACHE)
async def take(lifecycle: str, run: str, now: datetime) -> str:
    """Take every open wake-up of the lifecycle for this run, before it gathers; what woke it, in words."""
    runtime = current()
    async with runtime.store.write(audited=False) as session:
        await wakes.take(session, lifecycle, run, now)
        return await causes(session, lifecycle, run)


@task(name="done with the wake-ups", task_run_name="done with the wake-ups", cache_policy=NO_CACHE)
async def done(lifecycle: str, run: str) -> int:
    """What this run took is done."""
    runtime = current()
    async with runtime.store.write(audited=False) as session:
        return await wakes.done(session, lifecycle, run)


@task(name="relay the events", task_run_name="relay the events", cache_policy=NO_CACHE)
async def relay(now: datetime) -> int:
    """Ask Prefect for the runs that events of this run want."""
    runtime = current()
    return await relaying.relay(runtime.store, runtime.settings, now)


@task(name="revive lost wake-ups", task_run_name="revive lost wake-ups", cache_policy=NO_CACHE)
async def revive(now: datetime) -> int:
    """Wake-ups of runs that were lost or died are pending again."""
    runtime = current()
    async with runtime.store.write(audited=False) as session:
        return await wakes.revive(session, now)


@task(name="deliver the notices", task_run_name="deliver the notices", cache_policy=NO_CACHE)
async def deliver(run: str) -> DeliveryReport:
    """Send what may leave at this moment, and not at the run's own: what it has just asked for, too."""
    runtime = current()
    return await deliver_notices(
        runtime.store, runtime.policy, runtime.settings, now=clock.now(), clock=clock.now, worker=run
    )


async def find_account(known_as: str) -> Only:
    """The account with this number or handle, or the request for it. Raises Unknown.

    No task: what somebody mistyped is no failure.
    """
    async with current().store.read() as session:
        return await asked_for(session, known_as)


@task(name="what is due", task_run_name="what is due: {word}", cache_policy=NO_CACHE)
async def due(lifecycle: str, word: str, now: datetime, only: Only | None) -> tuple[Case, ...]:
    """The cases of one stage of a lifecycle that may move now."""
    return gathered(await _stage(lifecycle, word).due(current(), now, only), CASES_AT_MOST)


@task(name="move", task_run_name="{word} · {case.label}", cache_policy=NO_CACHE)
async def move(lifecycle: str, word: str, case: Case, now: datetime) -> State[tuple[str, ...]]:
    """Move one case of a stage; the state's message says what happened to the account."""
    said = await _stage(lifecycle, word).move(current(), case, now)
    if (running := TaskRunContext.get()) is not None:  # lists of tasks show names, not messages
        running.task_run.name = f"{word} · {case.label} · {in_words(said)}"
    return Completed(message=in_words(said), data=said)


def _stage(lifecycle: str, word: str) -> Stage:
    return next(stage for stage in named(lifecycle).stages if stage.word == word)


@task(
    name="look at the pages that are due",
    task_run_name="look at the pages that are due",
    cache_policy=NO_CACHE,
)
async def look_at_due_pages(now: datetime) -> str:
    """One polite round over the pages of accounts in use; how it went, in words."""
    runtime = current()
    return str(
        await page_round.look_at_due_pages(
            runtime.store, runtime.policy, runtime.settings, now, clock=clock.now
        )
    )


@task(name="count anew", task_run_name="count what the tables hold", cache_policy=NO_CACHE)
async def count_anew() -> None:
    """The database's own figures of its tables, by which it plans, before the rules ask for all of them."""
    await current().store.count_anew()


@task(name="hold to a rule", task_run_name="hold to a rule", cache_policy=NO_CACHE)
async def evaluate_rule(control: str, now: datetime) -> RuleOutcome:
    """Open and resolve the findings of one rule, for every live account."""
    runtime = current()
    rule = runtime.policy.rule(control)
    today = runtime.policy.calendar.today(now)
    async with runtime.store.write() as session:
        return await findings.evaluate(session, rule, runtime.policy, today, now)


@task(name="let go", task_run_name="let go of what is no longer asked", cache_policy=NO_CACHE)
async def let_go(now: datetime) -> int:
    """Resolve the findings of controls that no longer run; how many."""
    runtime = current()
    async with runtime.store.write() as session:
        return await findings.let_go(session, runtime.policy, now)


@task(name="list findings", task_run_name="list the findings of {control}", cache_policy=NO_CACHE)
async def findings_of(control: str, now: datetime, at_most: int) -> tuple[Listed, ...]:
    """The open findings of a control, and those that were mended at `now`."""
    async with current().store.read() as session:
        open_now = await list_findings(session, Asked(controls=(control,)), at_most)
        mended = await list_findings(session, Asked(controls=(control,), mended_since=now), at_most)
    return (*mended.rows, *open_now.rows)[:at_most]


@task(name="tell people of findings", task_run_name="tell people of findings", cache_policy=NO_CACHE)
async def tell_of_findings(now: datetime) -> int:
    """One notice a person with their new findings, one summary to who keeps the policy; how many people."""
    runtime, note = current(), ""
    async with runtime.store.read() as session:
        head = await audit.head(session)
    with suppress(BadInput):  # said where it leaves by itself
        note, _ = heads.signed(runtime, head)
    async with runtime.store.write() as session:
        if await telling.tell_communications(session, runtime.policy, now, head=note) and note:
            await left.note(session, head, ["letter"], now)
        return await telling.tell_people(session, runtime.policy, now)


@task(name="let the head leave", task_run_name="let the audit chain's head leave", cache_policy=NO_CACHE)
async def let_head_leave(now: datetime) -> tuple[str, ...]:
    """The audit chain's head leaves as the settings say; a sentence for each way that failed."""
    try:
        return tuple(await heads.leave(current(), now))
    except BadInput as error:
        return (str(error),)


@task(name="tell the operators", task_run_name="tell the operators", cache_policy=NO_CACHE)
async def tell_operators(what: Literal["failed", "missing"], now: datetime) -> None:
    """A notice to everybody who operates Steward, once a day and cause."""
    runtime = current()
    calendar = runtime.policy.calendar
    today = calendar.today(now)
    tell = Tell(
        SweepTrouble(what=what, on=today),
        RoleAt(runtime.policy.duties.runs_steward),
        f"sweep/{what}/{today}",
        Subject(SubjectKind.RULE, 0),
    )
    async with runtime.store.write() as session:
        await apply(session, Outcome((tell,)), actor=STEWARD, calendar=calendar, now=now)


@task(name="look into the waiting room", task_run_name="look into the waiting room", cache_policy=NO_CACHE)
async def look_into_waiting_room(now: datetime, at_most: int) -> waiting_room.Room:
    """The open action items, the longest overdue first."""
    runtime = current()
    return await waiting_room.look(runtime.store, runtime.policy, now, at_most)


@task(
    name="count open findings by school", task_run_name="count open findings by school", cache_policy=NO_CACHE
)
async def findings_by_school(at_most: int) -> tuple[SchoolStanding, ...]:
    """Live accounts and open findings of each school, the most findings first."""
    async with current().store.read() as session:
        return await list_schools(session, at_most)


@task(name="list accounts", task_run_name="list the accounts that hold {control}", cache_policy=NO_CACHE)
async def accounts_holding(control: str, at_most: int) -> tuple[AccountStanding, ...]:
    """The live accounts that a control speaks of and that hold it."""
    runtime = current()
    async with runtime.store.read() as session:
        return await list_holding(session, runtime.policy.rule(control), runtime.policy, at_most)


@task(name="list a school's accounts", task_run_name="list the accounts by school", cache_policy=NO_CACHE)
async def accounts_of_schools(
    schools: tuple[int | None, ...], at_most: int
) -> tuple[tuple[AccountStanding, ...], ...]:
    """The live accounts of each of these schools; None is the division itself."""
    async with current().store.read() as session:
        found = await list_school_accounts(session, schools, at_most)
    return tuple(found[school] for school in schools)
