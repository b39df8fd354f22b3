"""The sweep's report: every figure leads to a list, and the list has what the figure counts."""

import re
from datetime import date, datetime
from random import Random

import pytest

from flows.drain import Tally
from flows.sweep_report import findings_key, holding_key, school_key, sweep_report
from policy.model import Policy
from tasks.findings.evaluation import hold
from tasks.findings.listing import Asked, list_findings
from tasks.findings.overview import DIVISION, list_holding, list_school_accounts, list_schools
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
        outcomes = [await hold(session, rule, policy, TODAY, now) for rule in policy.rules()]
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
        accounts = {
            one.number: await list_school_accounts(session, one.number, EVERYTHING) for one in schools
        }
        assert await list_schools(session, 1) == schools[:1]
    for school in schools:
        assert len(accounts[school.number]) == school.live
        assert sum(one.findings for one in accounts[school.number]) == school.findings
        assert {one.school for one in accounts[school.number]} == {school.school}
        assert (school.number is None) is (school.school == DIVISION)
    report = sweep_report(outcomes, policy, schools, Tally())
    made = {findings_key(one.control) for one in outcomes if one.violated}
    made |= {holding_key(one.control) for one in outcomes if one.held} | {school_key(one) for one in schools}
    assert set(re.findall(r"\(/artifacts/key/([a-z0-9-]+)\)", report)) == made
    clauses = "|".join(re.escape(f"| {policy.number_of(rule.name)} |") for rule in policy.rules())
    led_nowhere = re.findall(r"\| (\d+) (?=\|)", re.sub(f"^({clauses})", "|", report, flags=re.MULTILINE))
    assert set(led_nowhere) <= {"0"}
