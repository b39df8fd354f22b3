"""The sweep's report: every figure leads to a list in it, and the list has what the figure counts."""

import html
import re
from datetime import date, datetime
from random import Random
from typing import Any

import pytest
from markdown_it import MarkdownIt
from sqlalchemy import event

from flows.drain import Tally
from flows.sweep_report import Lists, findings_anchor, holding_anchor, plain, school_anchor, sweep_report
from policy.model import Policy
from schemas.words import ALL_SCHOOLS
from tasks.findings.evaluation import evaluate
from tasks.findings.listing import Asked, list_findings
from tasks.findings.overview import list_holding, list_school_accounts, list_schools
from tasks.store import Store
from tests.factories.division import a_division, put

TODAY = date(2026, 10, 20)
EVERYTHING = 1000


@pytest.mark.parametrize("seed", range(2))
async def test_every_list_has_what_its_figure_counts(
    store: Store, policy: Policy, now: datetime, seed: int
) -> None:
    division = a_division(Random(seed), TODAY, accounts=12)  # noqa: S311 - the same division each time
    async with store.write() as session:
        await put(session, *division.rows())
        outcomes = [await evaluate(session, rule, policy, TODAY, now) for rule in policy.rules()]
    async with store.read() as session:
        for one in outcomes:
            holding = await list_holding(session, policy.rule(one.control), policy, EVERYTHING)
            assert len(holding) == one.held, one.control
            found = (await list_findings(session, Asked(controls=(one.control,)), EVERYTHING)).rows
            assert len({row.account for row in found}) == one.violated
            assert not {row.account for row in holding} & {row.account for row in found}
            new = (
                await list_findings(session, Asked(controls=(one.control,), new_since=now), EVERYTHING)
            ).rows
            assert len(new) == one.opened
        schools = await list_schools(session, EVERYTHING)
        accounts = await list_school_accounts(session, [one.number for one in schools], EVERYTHING)
        few = await list_school_accounts(session, [schools[0].number], 1)
        assert await list_schools(session, 1) == schools[:1]
    assert few == {schools[0].number: accounts[schools[0].number][:1]}
    for school in schools:
        assert len(accounts[school.number]) == school.live
        assert sum(one.findings for one in accounts[school.number]) == school.findings
        assert {one.school for one in accounts[school.number]} == {school.school}
        assert (school.number is None) is (school.school == ALL_SCHOOLS)
    async with store.read() as session:
        lists = Lists(
            findings={
                one.control: (await list_findings(session, Asked(controls=(one.control,)), EVERYTHING)).rows
                for one in outcomes
                if one.violated
            },
            holding={
                one.control: await list_holding(session, policy.rule(one.control), policy, EVERYTHING)
                for one in outcomes
                if one.held
            },
            accounts=accounts,
        )
    report = sweep_report(outcomes, policy, schools, lists, Tally(), now)
    led = re.findall(r"\[\d+\]\(#([a-z0-9-]+)\)", report)
    anchors = re.findall(r'<a id="([a-z0-9-]+)"></a>', report)
    assert len(anchors) == len(set(anchors))
    assert set(led) == set(anchors)
    figures = report.partition("### ")[0]
    assert not re.search(r" \| [1-9]\d* (?=\|)", figures), "a figure leads nowhere"
    for one in outcomes:
        assert anchored(report, findings_anchor(one.control)) == len(lists.findings.get(one.control, ()))
        assert anchored(report, holding_anchor(one.control)) == len(lists.holding.get(one.control, ()))
    for school in schools:
        assert anchored(report, school_anchor(school.number)) == school.live


def anchored(report: str, anchor: str) -> int:
    """How many rows the list at an anchor has."""
    _, _, rest = report.partition(f'<a id="{anchor}"></a>')
    rows = [line for line in rest.partition("<a id")[0].splitlines() if line.startswith("|")]
    return max(len(rows) - 2, 0)


@pytest.mark.parametrize(
    "text",
    ["@x[/b]", "@a_b*c*", "<b>x</b>", "a | b", "`x`", "[link](https://example.org)", "# x", "~~x~~ &amp;"],
)
def test_what_people_typed_shows_as_they_typed_it(text: str) -> None:
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(f"| a |\n|---|\n| {plain(text)} |\n")

    (cell,) = re.findall(r"<td>(.*)</td>", shown)
    assert html.unescape(cell) == text
    assert "<" not in cell


async def test_a_page_of_accounts_that_hold_a_control_sorts_not_all_that_are_live(
    sqlite_store: Store, policy: Policy
) -> None:
    """By the index of states SQLite finds and sorts a million accounts, for fifty of them."""
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        asked.append((statement, given))

    async with sqlite_store.read() as session:
        connection = await session.connection()
        event.listen(connection.sync_connection, "before_cursor_execute", listen)
        for rule in policy.rules():
            await list_holding(session, rule, policy, 50)
        listed = asked[:]
        assert len(listed) == len(policy.rules())
        for statement, given in listed:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            plan = "\n".join(row[-1] for row in rows)
            assert "SCAN account" in plan.splitlines(), plan
