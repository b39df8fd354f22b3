"""The nightly sweep: move what should have moved and did not, then hold every live account to AP 151."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prefect import flow
from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from flows.drain import Stage, Tally, move_all, run_id, told
from policy.clause_ids import in_order
from policy.rules import RULES
from schemas.errors import StewardError
from schemas.events import Lifecycle
from tasks import clock, steps
from tasks.runtime import opened
from tasks.store.findings import RuleOutcome
from tasks.waiting_room import SchoolStanding, Waiting

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
ROWS_SHOWN = 200


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
            outcomes: list[RuleOutcome] = []
            for done, clause in enumerate(sorted(RULES, key=in_order), start=1):
                title = f"{clause} · {runtime.policy.title(clause)}"
                outcomes.append(await steps.hold_rule.with_options(task_run_name=title)(clause, now))
                await aupdate_progress_artifact(progress, 100.0 * done / len(RULES))
            await move_all(FOLLOWS, now, tally)
            await steps.tell_of_findings(now)
            await _list_findings(outcomes, now)
            schools = await steps.findings_by_school()
            titles = {clause: runtime.policy.title(clause) for clause in RULES}
            report = sweep_report(outcomes, titles, schools, tally)
            await acreate_markdown_artifact(report, key="sweep-report", description="AP 151 tonight")
            waiting = await steps.look_into_waiting_room(now)
            await acreate_table_artifact(
                waiting_room_table(waiting),
                key="waiting-room",
                description=f"{len(waiting)} open action items, the longest overdue first.",
            )
            delivered = await steps.deliver(run, now)
            await steps.done(Lifecycle.NIGHTLY_SWEEP, run)
            await steps.relay(now)
    except StewardError as error:
        return Failed(name=type(error).__name__, message=str(error))
    return _verdict(outcomes, tally, told(delivered))


async def _list_findings(outcomes: Sequence[RuleOutcome], now: datetime) -> None:
    """An artifact a clause with the findings that the report counts: open ones, and those mended tonight."""
    for one in outcomes:
        if not (one.violated or one.opened or one.resolved):
            continue
        rows = await steps.findings_of(one.clause, now, ROWS_SHOWN)
        await acreate_table_artifact(
            [
                {
                    "finding": row.finding,
                    "account": f"{row.account} {row.handle}",
                    "school": row.school,
                    "due": row.due_on.isoformat(),
                    "what": row.detail,
                    "tonight": "mended" if row.resolved_at else "new" if row.opened_at == now else "",
                }
                for row in rows
            ],
            key=_key(one.clause),
            description=f"Clause {one.clause}: {one.violated} violate it, {one.opened} new, "
            f"{one.resolved} mended tonight; the first {ROWS_SHOWN}. "
            f"All of them: `steward finding list --clause {one.clause}`.",
        )


def _key(clause: str) -> str:
    """The key of the artifact that lists a clause's findings."""
    return f"findings-{clause.replace('.', '-')}"


def _led(figure: int, clause: str) -> str:
    """A figure of the report that leads to what it counts."""
    return f"[{figure}](/artifacts/key/{_key(clause)})" if figure else "0"


def _verdict(outcomes: Sequence[RuleOutcome], tally: Tally, delivered: str) -> State[Any]:
    violated = sum(one.violated for one in outcomes)
    opened_now = sum(one.opened for one in outcomes)
    resolved = sum(one.resolved for one in outcomes)
    counts = f"{violated} violations: {opened_now} new, {resolved} mended; moved: {tally or 'nothing'}"
    message = "; ".join(part for part in (counts, delivered) if part)
    if tally.failed:
        return Failed(name="Not everything moved", message=f"{', '.join(tally.failed[:5])}; {message}")
    return Completed(name="Swept", message=message)


def sweep_report(
    outcomes: Sequence[RuleOutcome],
    titles: dict[str, str],
    schools: Sequence[SchoolStanding],
    tally: Tally,
) -> str:
    """The report as Markdown: a line a clause, a line a school, and what the reconciler moved."""
    lines = [
        "# AP 151 tonight",
        "",
        "| clause | | hold it | violate it | new | mended |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for one in outcomes:
        led = [_led(figure, one.clause) for figure in (one.violated, one.opened, one.resolved)]
        figures = " | ".join([str(one.held), *led])
        lines.append(f"| {one.clause} | {titles[one.clause]} | {figures} |")
    lines += ["", "Elsewhere: `steward finding list --clause CLAUSE`, also `--school`, `--new-since`."]
    lines += ["", "## Reconciled", "", f"{tally}." if tally.happened else "Nothing had to be moved."]
    lines += ["", "## Schools", "", "| school | live accounts | open findings |", "|---|--:|--:|"]
    lines += [f"| {one.school} | {one.live} | {one.findings} |" for one in schools]
    return "\n".join(lines) + "\n"


def waiting_room_table(waiting: Sequence[Waiting]) -> list[dict[str, Any]]:
    """The waiting room as rows of a table; people are numbers here, `steward status` has their names."""
    return [
        {
            "item": one.item,
            "what": one.what,
            "clause": one.clause,
            "who": one.who,
            "about": one.about,
            "since": one.since.isoformat(),
            "due": one.due_on.isoformat(),
            "days late": one.days_late,
            "reminders": one.reminders,
            "climbed to": one.climbed_to,
        }
        for one in waiting[:ROWS_SHOWN]
    ] or [{"item": "", "what": "nobody is waited for"}]
