"""What people see of a sweep in Prefect's UI: a report, and behind each of its figures what it counts.

Prefect's artifacts are addressed by their keys, so a figure is a link to the artifact that lists it. People
are numbers here: `steward status` and `steward finding list` have their names.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from flows.drain import Tally
from policy.model import Policy
from tasks.findings.evaluation import RuleOutcome
from tasks.findings.overview import AccountStanding, SchoolStanding
from tasks.items.waiting_room import Room
from tasks.prefect import steps

#: Rows of one list, and schools with a list of their own. Beyond, the command line has all of it.
ROWS_SHOWN = 200
SCHOOLS_SHOWN = 60


async def publish(outcomes: Sequence[RuleOutcome], policy: Policy, tally: Tally, now: datetime) -> None:
    """Write the report, the lists behind its figures, and the waiting room."""
    for one in outcomes:
        await _list_findings(one, policy.why(one.control), now)
        await _list_holding(one, policy.why(one.control))
    schools = await steps.findings_by_school(SCHOOLS_SHOWN)
    lists = await steps.accounts_of_schools(tuple(one.number for one in schools), ROWS_SHOWN)
    for school, accounts in zip(schools, lists, strict=True):
        await _list_accounts(
            accounts,
            key=school_key(school),
            description=f"{school.school}: {school.live} live accounts, {school.findings} open findings.",
        )
    report = sweep_report(outcomes, policy, schools, tally)
    await acreate_markdown_artifact(report, key="sweep-report", description=f"{policy.document.id} tonight")
    room = await steps.look_into_waiting_room(now, ROWS_SHOWN)
    await acreate_table_artifact(
        waiting_room_table(room, policy),
        key="waiting-room",
        description=f"{room.in_all} open action items, the longest overdue first.",
    )


async def _list_findings(one: RuleOutcome, why: str, now: datetime) -> None:
    """The findings of a control that the report counts: open ones, and those mended tonight."""
    if not (one.violated or one.opened or one.resolved):
        return
    rows = await steps.findings_of(one.control, now, ROWS_SHOWN)
    await acreate_table_artifact(
        [
            {
                "finding": row.finding,
                "account": f"{row.account} {row.handle}",
                "school": row.school_name or "division",
                "due": row.due_on.isoformat(),
                "what": row.detail,
                "tonight": "mended" if row.resolved_at else "new" if row.opened_at == now else "",
            }
            for row in rows
        ],
        key=findings_key(one.control),
        description=f"{why}: {one.violated} violate it, {one.opened} new, "
        f"{one.resolved} mended tonight; the first {ROWS_SHOWN}. "
        f"All of them: `steward finding list --control {one.control}`.",
    )


async def _list_holding(one: RuleOutcome, why: str) -> None:
    """The accounts that hold a control."""
    if one.held:
        await _list_accounts(
            await steps.accounts_holding(one.control, ROWS_SHOWN),
            key=holding_key(one.control),
            description=f"{why}: {one.held} live accounts hold it; the first {ROWS_SHOWN}.",
        )


async def _list_accounts(accounts: Sequence[AccountStanding], *, key: str, description: str) -> None:
    await acreate_table_artifact(
        [
            {
                "account": f"{one.account} {one.handle}",
                "level": one.level,
                "school": one.school,
                "open findings": one.findings,
            }
            for one in accounts
        ],
        key=key,
        description=description,
    )


def findings_key(control: str) -> str:
    """The key of the artifact that lists a control's findings."""
    return f"findings-{control}"


def holding_key(control: str) -> str:
    """The key of the artifact that lists the accounts that hold a control."""
    return f"holding-{control}"


def school_key(school: SchoolStanding) -> str:
    """The key of the artifact that lists a school's accounts."""
    return "school-division" if school.number is None else f"school-{school.number}"


def _led(figure: int, key: str) -> str:
    """A figure of the report that leads to what it counts; none where it counts nothing."""
    return f"[{figure}](/artifacts/key/{key})" if figure else "0"


def sweep_report(
    outcomes: Sequence[RuleOutcome],
    policy: Policy,
    schools: Sequence[SchoolStanding],
    tally: Tally,
) -> str:
    """The report as Markdown: a line a control, a line a school, and what the reconciler moved."""
    lines = [
        f"# {policy.document.id} tonight",
        "",
        "| clause | | hold it | violate it | new | mended |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for one in outcomes:
        found = [
            _led(figure, findings_key(one.control)) for figure in (one.violated, one.opened, one.resolved)
        ]
        figures = " | ".join([_led(one.held, holding_key(one.control)), *found])
        lines.append(f"| {policy.number_of(one.control)} | {policy.title_of(one.control)} | {figures} |")
    lines += ["", "Elsewhere: `steward finding list --clause CLAUSE`, also `--school`, `--new-since`."]
    lines += ["", "## Reconciled", "", f"{tally}." if tally.happened else "Nothing had to be moved."]
    lines += ["", "## Schools", "", "| school | live accounts | open findings |", "|---|--:|--:|"]
    for school in schools:
        key = school_key(school)
        lines.append(f"| {school.school} | {_led(school.live, key)} | {_led(school.findings, key)} |")
    if len(schools) == SCHOOLS_SHOWN:
        lines += ["", f"The {SCHOOLS_SHOWN} schools with the most findings; `steward finding list --school`."]
    return "\n".join(lines) + "\n"


def waiting_room_table(room: Room, policy: Policy) -> list[dict[str, Any]]:
    """The waiting room as rows of a table; people are numbers here, `steward status` has their names."""
    return [
        {
            "item": one.item,
            "what": one.what,
            "clause": policy.number_of(one.control),
            "who": one.who,
            "about": one.about,
            "since": one.since.isoformat(),
            "due": one.due_on.isoformat(),
            "days late": one.days_late,
            "reminders": one.reminders,
            "climbed to": one.climbed_to,
        }
        for one in room.waiting
    ] or [{"item": "", "what": "nobody is waited for"}]
