"""Who may decide on a report, and what happens to one by itself, as tables. No database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from policy.incidents import (
    breakable,
    decide_incident,
    decided,
    deciding,
    is_final,
    may_decide_report,
    offices,
)
from policy.model import Policy
from policy.notices.incidents import AppealToDecide, ReportClosed, ReportToDecide, ReportToTakeOn
from schemas.errors import NotAllowed
from schemas.facts import IncidentFacts
from schemas.outcome import Move, RoleAt, Tell
from schemas.states import IncidentState

CO, SUPER, PRINCIPAL, TEACHER, OTHER, DEPUTY, VICE = range(1, 8)
FIRST, TOP = RoleAt("communications officer"), RoleAt("superintendent")
BOTH = ((FIRST, ((CO, None),)), (TOP, ((SUPER, None),)))
REPORT = IncidentFacts(
    id=1,
    state=IncidentState.TO_DECIDE,
    version=3,
    under="violations",
    reported_by_id=DEPUTY,
    person_id=TEACHER,
    person_active=True,
    answer_by=date(2026, 10, 27),
    appeal_by=None,
    offices=BOTH,
    barred=frozenset({DEPUTY, TEACHER}),
)


@pytest.mark.parametrize(
    ("changes", "office", "may"),
    [
        ({}, FIRST, {CO: None}),
        ({"offices": ((FIRST, ((CO, None), (VICE, CO))), BOTH[1])}, FIRST, {CO: None, VICE: CO}),
        ({"offices": ((FIRST, ((DEPUTY, None), (VICE, DEPUTY))), BOTH[1])}, TOP, {SUPER: None}),
        ({"barred": frozenset({CO, TEACHER})}, TOP, {SUPER: None}),  # Communications reported it
        ({"barred": frozenset({DEPUTY, CO})}, TOP, {SUPER: None}),  # it is about Communications
        ({"offices": BOTH[::-1], "barred": frozenset({DEPUTY, TEACHER, CO})}, TOP, {SUPER: None}),
        ({"climbed": ((SUPER, None), (TEACHER, None))}, FIRST, {CO: None, SUPER: None}),
        ({"barred": frozenset({CO, SUPER})}, TOP, {}),
        (  # the other one of the office is away, and it is about their deputy
            {
                "offices": ((FIRST, ((CO, None), (OTHER, None), (OTHER, CO))), BOTH[1]),
                "barred": frozenset({DEPUTY, OTHER}),
                "away": frozenset({CO}),
            },
            TOP,
            {CO: None, SUPER: None},
        ),
    ],
)
def test_who_may_decide(
    changes: dict[str, Any], office: RoleAt, may: dict[int, int | None], policy: Policy
) -> None:
    facts = replace(REPORT, **changes)
    assert deciding(facts) == office
    found = {}
    for person in range(1, 8):
        try:
            found[person] = may_decide_report(facts, person, policy)
        except NotAllowed as refused:
            assert "decides on this report (10)" in str(refused)  # noqa: PT017 - each says it
    assert found == may


@pytest.mark.parametrize(
    ("by", "offices", "final"),
    [
        ((CO, None), BOTH, False),
        ((SUPER, None), BOTH, True),  # Communications is concerned, or it climbed
        ((VICE, SUPER), (BOTH[0], (TOP, ((SUPER, None), (VICE, SUPER)))), True),
        ((VICE, CO), ((FIRST, ((CO, None), (VICE, CO))), (TOP, ((SUPER, None), (VICE, SUPER)))), False),
        ((DEPUTY, None), BOTH, False),
    ],
)
def test_whoever_decides_appeals_decides_once(by: Any, offices: Any, final: bool, policy: Policy) -> None:
    facts = replace(REPORT, offices=offices)
    assert is_final(facts, by, policy) is final
    changes = {"verdict": "warn", "decided_by_id": by[0], "deputy_for_id": by[1]}
    _, last = decided(facts, changes, policy, date(2026, 10, 20))
    assert (last is None) is final


def test_an_appeal_goes_to_the_other_office(policy: Policy) -> None:
    assert offices(policy, IncidentState.TO_DECIDE) == (FIRST, TOP)
    assert offices(policy, IncidentState.APPEALED) == (TOP, FIRST)
    assert {"AP 170", "9", "14.7"} <= set(breakable(policy))
    assert offices(policy.changed("violations", mode="off"), IncidentState.APPEALED) == (FIRST,)


@pytest.mark.parametrize(
    ("changes", "day", "to", "told"),
    [
        ({"state": IncidentState.REPORTED}, 20, None, ReportToTakeOn),
        ({"state": IncidentState.TO_DECIDE}, 20, None, ReportToDecide),
        ({"state": IncidentState.APPEALED, "offices": BOTH[::-1]}, 20, None, AppealToDecide),
        (
            {"asked": frozenset({"incident:1/to be decided/communications officer"})},
            20,
            None,
            None,
        ),
        ({"asked": frozenset({"incident:1/to be decided/superintendent"})}, 20, None, ReportToDecide),
        ({"state": IncidentState.HEARD}, 27, None, None),  # the last day to answer
        ({"state": IncidentState.HEARD}, 28, IncidentState.TO_DECIDE, ReportToDecide),
        ({"state": IncidentState.HEARD, "person_active": False}, 21, IncidentState.TO_DECIDE, ReportToDecide),
        ({"state": IncidentState.DECIDED, "appeal_by": date(2026, 10, 28)}, 28, None, None),
        (
            {"state": IncidentState.DECIDED, "appeal_by": date(2026, 10, 28)},
            29,
            IncidentState.CLOSED,
            ReportClosed,
        ),
        ({"state": IncidentState.CLOSED, "appeal_by": date(2026, 10, 20)}, 29, None, None),
        ({"state": IncidentState.DECIDED}, 20, IncidentState.CLOSED, None),  # its letter said: final
        ({"state": IncidentState.DISMISSED}, 29, None, None),
    ],
)
def test_what_happens_by_itself(
    changes: dict[str, Any], day: int, to: IncidentState | None, told: Any, policy: Policy
) -> None:
    now = datetime(2026, 10, day, 16, tzinfo=UTC)
    steps = decide_incident(replace(REPORT, **changes), policy, now).steps
    assert [one.to for one in steps if isinstance(one, Move)] == ([] if to is None else [to])
    tells = [one for one in steps if isinstance(one, Tell)]
    assert [type(one.notice) for one in tells] == ([] if told is None else [told])
    assert all({DEPUTY, TEACHER} <= set(one.but_not) for one in tells if isinstance(one.to, RoleAt))
