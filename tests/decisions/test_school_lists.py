"""When a school is asked whether its list of accounts is right: as a table. No database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from policy.controls import Mode
from policy.inventory import decide_school_list
from policy.model import Policy
from policy.notices.inventory import ListToConfirm
from schemas.facts import SchoolListFacts
from schemas.outcome import Ask, RoleAt, Settle, Tell

FACTS = SchoolListFacts(school_id=7, active=True, confirmed_at=None, accounts=(1, 2), holders=((3, 4), ()))
NOW = "school:7/list/2027-02-01"
LAST = "school:7/list/2026-02-01"


def at(month: int, day: int, year: int = 2027) -> datetime:
    return datetime(year, month, day, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "changes", "mode", "asked", "settled"),
    [
        (at(2, 1), {}, "enforce", [NOW], []),
        (at(2, 26), {}, "enforce", [NOW], []),  # the sweep did not run before
        (at(2, 6), {}, "enforce", [], []),  # a Saturday
        (at(1, 28), {}, "enforce", [], []),
        (at(3, 1), {}, "enforce", [], []),
        (at(3, 1), {"asked": (NOW,)}, "enforce", [], []),  # it waits, and is not asked anew
        (at(2, 3), {"asked": (NOW,)}, "enforce", [], []),
        (at(2, 3), {"asked": (LAST,)}, "enforce", [NOW], [LAST]),
        (at(2, 3), {"confirmed_at": at(2, 2)}, "enforce", [], []),
        (at(2, 3), {"confirmed_at": at(1, 29)}, "enforce", [NOW], []),
        (at(2, 3), {"confirmed_at": datetime(2027, 2, 1, 5, tzinfo=UTC)}, "enforce", [NOW], []),
        (at(2, 3), {"active": False}, "enforce", [], []),
        (at(2, 3), {"active": False, "asked": (NOW,)}, "enforce", [], [NOW]),
        (at(2, 3), {}, "observe", [], []),
        (at(2, 3), {"asked": (NOW,)}, "off", [], [NOW]),
        (at(2, 3), {"accounts": (), "holders": ()}, "enforce", [NOW], []),  # what is missing is named too
    ],
)
def test_when_a_school_is_asked(
    policy: Policy, day: datetime, changes: dict[str, Any], mode: str, asked: list[str], settled: list[str]
) -> None:
    policy = policy.changed("inventory", mode=Mode(mode))
    outcome = decide_school_list(replace(FACTS, **changes), policy, day)
    asks = [one for one in outcome.steps if isinstance(one, Ask)]
    assert [one.key for one in asks] == asked
    assert {one.of for one in asks} <= {RoleAt("school administrator", 7)}
    told = [one.notice for one in outcome.steps if isinstance(one, Tell)]
    assert len(told) == len(asked)
    assert all(isinstance(one, ListToConfirm) and one.due_on == asks[0].due_on for one in told)
    assert [one for step in outcome.steps if isinstance(step, Settle) for one in step.keys] == settled
