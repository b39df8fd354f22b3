"""What people see of a sweep in Prefect's interface: one report, with the lists that its figures count.

A figure is a link to its list further down: Markdown's anchors work in both of Prefect's interfaces, links to
other artifacts do not. Names stay out of it: `steward status` and `steward finding list` have them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prefect.artifacts import acreate_markdown_artifact

from flows.drain import Tally
from policy.model import Policy
from schemas.words import ALL_SCHOOLS, Mode
from tasks.findings.evaluation import RuleOutcome
from tasks.findings.listing import Listed
from tasks.findings.overview import AccountStanding, SchoolStanding
from tasks.prefect import run_tasks

#: Rows of one list, and schools with a list of their own. Beyond, the command line has all of it.
ROWS_SHOWN = 50
SCHOOLS_SHOWN = 40

#: After the title of a control for which nobody is asked.
ONLY_OBSERVED = " (only observed)"


@dataclass(frozen=True)
class Lists:
    """What the figures count: findings and accounts of each rule, accounts of each school."""

    findings: Mapping[str, Sequence[Listed]]
    holding: Mapping[str, Sequence[AccountStanding]]
    accounts: Mapping[int | None, Sequence[AccountStanding]]


async def publish(
    outcomes: Sequence[RuleOutcome], policy: Policy, tally: Tally, now: datetime, moment: str
) -> None:
    """Write the report of this sweep. `moment` is `now` as people of the division read it."""
    schools = await run_tasks.findings_by_school(SCHOOLS_SHOWN)
    numbers = tuple(one.number for one in schools)
    lists = Lists(
        findings={
            one.control: await run_tasks.findings_of(one.control, now, ROWS_SHOWN)
            for one in outcomes
            if one.violated or one.opened or one.resolved
        },
        holding={
            one.control: await run_tasks.accounts_holding(one.control, ROWS_SHOWN)
            for one in outcomes
            if one.held
        },
        accounts=dict(zip(numbers, await run_tasks.accounts_of_schools(numbers, ROWS_SHOWN), strict=True)),
    )
    report = sweep_report(outcomes, policy, schools, lists, tally, now)
    await acreate_markdown_artifact(report, key="sweep-report", description=f"The sweep of {moment}")


def sweep_report(
    outcomes: Sequence[RuleOutcome],
    policy: Policy,
    schools: Sequence[SchoolStanding],
    lists: Lists,
    tally: Tally,
    now: datetime,
) -> str:
    """The report as Markdown: a line a control, a line a school, what was moved, then the lists."""
    observed = {one.name for one in policy.controls if one.mode is Mode.OBSERVE}
    lines = _table(
        ("clause", "", "hold it", "violate it", "new", "mended"),
        (
            (
                plain(policy.number_of(one.control)),
                plain(policy.title_of(one.control)) + (ONLY_OBSERVED if one.control in observed else ""),
                _led(one.held, holding_anchor(one.control)),
                *(
                    _led(count, findings_anchor(one.control))
                    for count in (one.violated, one.opened, one.resolved)
                ),
            )
            for one in outcomes
        ),
        numbers_from=2,
    )
    lines += ["", "## Moved", "", f"{plain(str(tally))}." if tally.happened else "Nothing had to be moved."]
    lines += ["", "## Schools", ""]
    lines += _table(
        ("school", "live accounts", "open findings"),
        (
            (
                plain(one.school),
                *(_led(count, school_anchor(one.number)) for count in (one.live, one.findings)),
            )
            for one in schools
        ),
        numbers_from=1,
    )
    if len(schools) == SCHOOLS_SHOWN:
        lines += ["", f"The {SCHOOLS_SHOWN} schools with the most findings; `steward finding list --school`."]
    for one in outcomes:
        if one.control in lists.findings:
            lines += _headed(f"Findings: {plain(policy.title_of(one.control))}", findings_anchor(one.control))
            lines += _findings(lists.findings[one.control], policy, now)
    for school in schools:
        lines += _headed(f"Accounts of {plain(school.school)}", school_anchor(school.number))
        lines += _accounts(lists.accounts[school.number], policy)
    for one in outcomes:
        if one.control in lists.holding:
            lines += _headed(
                f"Accounts that hold: {plain(policy.title_of(one.control))}", holding_anchor(one.control)
            )
            lines += _accounts(lists.holding[one.control], policy)
    return "\n".join(lines) + "\n"


def findings_anchor(control: str) -> str:
    """Where the report lists the findings of a rule."""
    return f"findings-{control}"


def holding_anchor(control: str) -> str:
    """Where the report lists the accounts that hold a rule."""
    return f"holding-{control}"


def school_anchor(number: int | None) -> str:
    """Where the report lists the accounts of a school; None is the division itself."""
    return "school-none" if number is None else f"school-{number}"


def plain(text: str) -> str:
    """Text as it stands, whatever of it Markdown would take for its own."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))


def _led(figure: int, anchor: str) -> str:
    """A figure that leads to what it counts; none where it counts nothing."""
    return f"[{figure}](#{anchor})" if figure else "0"


def _headed(title: str, anchor: str) -> list[str]:
    return ["", f'<a id="{anchor}"></a>', "", f"### {title}", ""]


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], *, numbers_from: int = 99) -> list[str]:
    """The lines of a table; the columns from `numbers_from` on hold numbers."""
    rules = ("--:" if column >= numbers_from else "---" for column in range(len(names)))
    return [f"| {' | '.join(one)} |" for one in (names, tuple(rules), *rows)]


def _findings(rows: Sequence[Listed], policy: Policy, now: datetime) -> list[str]:
    shown = (
        (
            str(row.finding),
            plain(f"{row.account} {policy.says_account(row.platform, row.handle)}"),
            plain(row.school_name or ALL_SCHOOLS),
            row.due_on.isoformat(),
            plain(row.detail),
            "mended" if row.resolved_at else "new" if row.opened_at >= now else "",
        )
        for row in rows
    )
    return _table(("no.", "account", "school", "mend by", "what is wrong", "tonight"), shown) + _cut(rows)


def _accounts(rows: Sequence[AccountStanding], policy: Policy) -> list[str]:
    shown = (
        (
            plain(f"{row.account} {policy.says_account(row.platform, row.handle)}"),
            *(plain(str(row.level)), plain(row.school), str(row.findings)),
        )
        for row in rows
    )
    return _table(("account", "level", "school", "open findings"), shown, numbers_from=3) + _cut(rows)


def _cut(rows: Sequence[object]) -> list[str]:
    """Where a list may go on."""
    if len(rows) < ROWS_SHOWN:
        return []
    return ["", f"The first {ROWS_SHOWN}; `steward finding list` and `steward account list` have all."]
