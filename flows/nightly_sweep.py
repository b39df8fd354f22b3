"""The nightly sweep: move what should have moved and did not, then hold every live account to AP 151."""

from collections.abc import Sequence
from typing import Any

from prefect import flow
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from flows.drain import Stage, Tally, move_all, run_id, told
from flows.sweep_report import publish
from schemas.errors import StewardError
from schemas.events import Lifecycle
from tasks import clock
from tasks.findings.evaluation import RuleOutcome
from tasks.prefect import steps
from tasks.runtime import opened

#: What the reconciler tries, in the order in which one thing leads to the next.
RECONCILED = (
    Stage("request", steps.due_requests, steps.move_request),
    Stage("training gate", steps.due_accesses, steps.move_accesses),
    Stage("notice", steps.due_pages, steps.look_at_page),
    Stage("account creation", steps.due_accounts, steps.move_account),
    Stage("password", steps.due_rotations, steps.ask_rotation),
    Stage("action items", steps.due_items, steps.follow_up),  # last: what ended above needs no reminder
)
#: What follows from what the rules found.
FOLLOWS = (Stage("suspension", steps.due_suspensions, steps.move_suspension),)


@flow(
    name="nightly sweep",
    flow_run_name="nightly sweep",
    description="Moves whatever should have moved and did not, then holds every live account to AP 151: "
    "one task a rule. Its report and the waiting room are among the run's artifacts.",
)
async def nightly_sweep() -> State[Any]:
    """Reconcile, hold every rule, report, deliver. Run twice, it changes nothing the second time."""
    run, now, tally = run_id(), clock.now(), Tally()
    try:
        async with opened() as runtime:
            progress = await acreate_progress_artifact(0.0, key="sweep-progress", description="The sweep")
            await steps.take(Lifecycle.NIGHTLY_SWEEP, run, now)
            await steps.revive(now)
            await move_all(RECONCILED, now, tally)
            await steps.count_anew()
            outcomes: list[RuleOutcome] = []
            rules = runtime.policy.rules()
            for done, rule in enumerate(rules, start=1):
                title = f"{runtime.policy.number_of(rule.name)} · {rule.name}"
                outcomes.append(await steps.hold_rule.with_options(task_run_name=title)(rule.name, now))
                await aupdate_progress_artifact(progress, 100.0 * done / len(rules))
            await steps.let_go(now)
            await move_all(FOLLOWS, now, tally)
            await steps.tell_of_findings(now)
            await publish(outcomes, runtime.policy, tally, now)
            delivered = await steps.deliver(run, now)
            await steps.done(Lifecycle.NIGHTLY_SWEEP, run)
            await steps.relay(now)
    except StewardError as error:
        return Failed(name=type(error).__name__, message=str(error))
    return _verdict(outcomes, tally, told(delivered))


def _verdict(outcomes: Sequence[RuleOutcome], tally: Tally, delivered: str) -> State[Any]:
    violated = sum(one.violated for one in outcomes)
    opened_now = sum(one.opened for one in outcomes)
    resolved = sum(one.resolved for one in outcomes)
    counts = f"{violated} violations: {opened_now} new, {resolved} mended; moved: {tally or 'nothing'}"
    message = "; ".join(part for part in (counts, delivered) if part)
    if tally.failed:
        return Failed(name="Not everything moved", message=f"{', '.join(tally.failed[:5])}; {message}")
    return Completed(name="Swept", message=message)
