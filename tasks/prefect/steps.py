"""The thin Prefect tasks that flows are made of. Each calls one plain function with the run's runtime.

Inputs are ids, labels and moments, which hash; nothing is cached, because the store and not Prefect
says what was done already.
"""

from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from policy.calendar import Calendar
from schemas.events import Lifecycle
from tasks import clock
from tasks.access import lifecycle as training_gate
from tasks.accounts import lifecycle as accounts_lifecycle
from tasks.cases import Case, gathered
from tasks.credentials import lifecycle as credential_rotation
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
from tasks.items import lifecycle as action_items
from tasks.items import waiting_room
from tasks.mail.delivery import DeliveryReport
from tasks.mail.delivery import deliver as deliver_notices
from tasks.pages import lifecycle as disclaimer_verification
from tasks.pages import page_round
from tasks.prefect import relay as relaying
from tasks.requests import lifecycle as requests_lifecycle
from tasks.runtime import current
from tasks.store import wakes
from tasks.suspension import lifecycle as suspension

#: Tasks of one run at most: beyond, cases share tasks (Prefect's server takes in some 25 a second).
CASES_AT_MOST = 150

Moved = tuple[str, ...]


@task(name="take the wake-ups", task_run_name="take the wake-ups", cache_policy=NO_CACHE)
async def take(lifecycle: Lifecycle, run: str, now: datetime) -> int:
    """Take every open wake-up of the lifecycle for this run, before it gathers."""
    runtime = current()
    async with runtime.store.write(audited=False) as session:
        return await wakes.take(session, lifecycle, run, now)


@task(name="done with the wake-ups", task_run_name="done with the wake-ups", cache_policy=NO_CACHE)
async def done(lifecycle: Lifecycle, run: str) -> int:
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
async def deliver(run: str, now: datetime) -> DeliveryReport:
    """Send what may leave now (4)."""
    runtime = current()
    return await deliver_notices(
        runtime.store, runtime.policy, runtime.settings, now=now, clock=clock.now, worker=run
    )


@task(name="which accesses may move", task_run_name="which accesses may move", cache_policy=NO_CACHE)
async def due_accesses(now: datetime) -> tuple[Case, ...]:
    """Cases of the training gate (5.2, 5.3, 5.6), an account each."""
    runtime = current()
    return gathered(await training_gate.due(runtime.store, runtime.policy, now), CASES_AT_MOST)


@task(name="move accesses", task_run_name="move accesses", cache_policy=NO_CACHE)
async def move_accesses(case: Case, now: datetime) -> Moved:
    """Grant, suspend or ask, for the accesses of one account."""
    runtime = current()
    return await training_gate.move(runtime.store, runtime.policy, case, now)


@task(name="which passwords are due", task_run_name="which passwords are due", cache_policy=NO_CACHE)
async def due_rotations(now: datetime) -> tuple[Case, ...]:
    """Cases of credential rotation (11), an account each."""
    runtime = current()
    return gathered(await credential_rotation.due(runtime.store, runtime.policy, now), CASES_AT_MOST)


@task(name="ask for a new password", task_run_name="ask for a new password", cache_policy=NO_CACHE)
async def ask_rotation(case: Case, now: datetime) -> Moved:
    """Ask the administrators of one account to change its password."""
    runtime = current()
    return await credential_rotation.move(runtime.store, runtime.policy, case, now)


@task(name="which findings to follow up", task_run_name="which findings to follow up", cache_policy=NO_CACHE)
async def due_suspensions(now: datetime) -> tuple[Case, ...]:
    """Accounts with a step to take towards a suspension, or back (9, 10)."""
    runtime = current()
    return gathered(await suspension.due(runtime.store, runtime.policy, now), CASES_AT_MOST)


@task(name="follow up findings", task_run_name="follow up findings", cache_policy=NO_CACHE)
async def move_suspension(case: Case, now: datetime) -> Moved:
    """Announce, suspend, ask for the return of, or close one account."""
    runtime = current()
    return await suspension.move(runtime.store, runtime.policy, case, now)


@task(name="which requests may move", task_run_name="which requests may move", cache_policy=NO_CACHE)
async def due_requests(now: datetime) -> tuple[Case, ...]:
    """Cases of account creation before the decision (5, 6)."""
    runtime = current()
    return gathered(await requests_lifecycle.due(runtime.store, runtime.policy, now), CASES_AT_MOST)


@task(name="move request", task_run_name="move request", cache_policy=NO_CACHE)
async def move_request(case: Case, now: datetime) -> Moved:
    """Check one request, or close it."""
    runtime = current()
    return await requests_lifecycle.move(runtime.store, runtime.policy, case, now)


@task(name="which accounts may move", task_run_name="which accounts may move", cache_policy=NO_CACHE)
async def due_accounts(now: datetime) -> tuple[Case, ...]:
    """Cases of account creation after the decision (5, 6)."""
    runtime = current()
    return gathered(await accounts_lifecycle.due(runtime.store, runtime.policy, now), CASES_AT_MOST)


@task(name="move account", task_run_name="move account", cache_policy=NO_CACHE)
async def move_account(case: Case, now: datetime) -> Moved:
    """Bring one account on towards going live."""
    runtime = current()
    return await accounts_lifecycle.move(runtime.store, runtime.policy, case, now)


@task(name="which pages to look at", task_run_name="which pages to look at", cache_policy=NO_CACHE)
async def due_pages(now: datetime) -> tuple[Case, ...]:
    """Cases of disclaimer verification (8)."""
    runtime = current()
    return gathered(await disclaimer_verification.due(runtime.store, runtime.policy, now), CASES_AT_MOST)


@task(name="look at page", task_run_name="look at page", cache_policy=NO_CACHE)
async def look_at_page(case: Case, now: datetime) -> Moved:
    """Fetch one account's page and compare it with the notice."""
    runtime = current()
    return await disclaimer_verification.move(runtime.store, runtime.policy, runtime.settings, case, now)


@task(
    name="look at the pages that are due",
    task_run_name="look at the pages that are due",
    cache_policy=NO_CACHE,
)
async def look_at_due_pages(now: datetime) -> str:
    """One polite round over the pages of accounts in use (8); how it went, in words."""
    runtime = current()
    return str(await page_round.look_at_due_pages(runtime.store, runtime.policy, runtime.settings, now))


@task(
    name="which action items have a step to take",
    task_run_name="which action items have a step to take",
    cache_policy=NO_CACHE,
)
async def due_items(now: datetime) -> tuple[Case, ...]:
    """Action items to be reminded of, or to climb, today; a kind together."""
    runtime = current()
    return gathered(await action_items.due(runtime.store, runtime.policy, now), CASES_AT_MOST)


@task(name="follow up action items", task_run_name="follow up action items", cache_policy=NO_CACHE)
async def follow_up(case: Case, now: datetime) -> Moved:
    """Remind of some action items, or let them climb."""
    runtime = current()
    return await action_items.move(runtime.store, runtime.policy, case, now)


@task(name="count anew", task_run_name="count what the tables hold", cache_policy=NO_CACHE)
async def count_anew() -> None:
    """The database's own figures of its tables, by which it plans, before the rules ask for all of them."""
    await current().store.count_anew()


@task(name="hold to a rule", task_run_name="hold to a rule", cache_policy=NO_CACHE)
async def hold_rule(control: str, now: datetime) -> RuleOutcome:
    """Open and resolve the findings of one rule, for every live account."""
    runtime = current()
    rule = runtime.policy.rule(control)
    today = Calendar(runtime.policy).today(now)
    async with runtime.store.write() as session:
        return await findings.hold(session, rule, runtime.policy, today, now)


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
    return (*mended, *open_now)[:at_most]


@task(name="tell people of findings", task_run_name="tell people of findings", cache_policy=NO_CACHE)
async def tell_of_findings(now: datetime) -> int:
    """One notice a person with their new findings, one summary to Communications; how many people."""
    runtime = current()
    async with runtime.store.write() as session:
        await telling.tell_communications(session, runtime.policy, now)
        return await telling.tell_people(session, runtime.policy, now)


@task(name="look into the waiting room", task_run_name="look into the waiting room", cache_policy=NO_CACHE)
async def look_into_waiting_room(now: datetime, at_most: int) -> waiting_room.Room:
    """The open action items, the longest overdue first."""
    runtime = current()
    return await waiting_room.look(runtime.store, Calendar(runtime.policy).today(now), at_most)


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
        return tuple([await list_school_accounts(session, school, at_most) for school in schools])
