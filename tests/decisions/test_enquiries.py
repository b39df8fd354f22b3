"""Until when the public is answered, and who is asked to: as tables. No database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.calendar import Calendar
from policy.controls import Mode
from policy.enquiries import decide_enquiry
from policy.model import Policy
from schemas.facts import EnquiryFacts
from schemas.outcome import Ask, RoleAt, Settle, Tell

CO = RoleAt("communications officer")
FACTS = EnquiryFacts(
    id=7,
    account_id=1,
    level="school",
    in_use=True,
    due_on=date(2026, 10, 21),
    ended=False,
    administrators=(3, 4),
)


def key(of: object) -> str:
    return f"enquiry:7/answer/{of}"


@pytest.mark.parametrize(
    ("changes", "mode", "asked", "settled"),
    [
        ({}, "enforce", [3, 4], []),
        ({"asked": (key("person:3"), key("person:4"))}, "enforce", [], []),
        ({"asked": (key("person:3"),)}, "enforce", [4], []),
        ({"asked": (key("person:5"), key("person:3"), key("person:4"))}, "enforce", [], [key("person:5")]),
        ({"administrators": ()}, "enforce", [CO], []),
        ({"administrators": (3,), "asked": (key("communications officer"),)}, "enforce", [3],
         [key("communications officer")]),
        ({"ended": True, "asked": (key("person:3"), key("person:4"))}, "enforce", [],
         [key("person:3"), key("person:4")]),
        ({"in_use": False, "asked": (key("person:3"),)}, "enforce", [], [key("person:3")]),
        ({"ended": True}, "enforce", [], []),
        ({}, "observe", [], []),
        ({"asked": (key("person:3"),)}, "off", [], [key("person:3")]),
    ],
)  # fmt: skip
def test_who_is_asked(
    policy: Policy, changes: dict[str, Any], mode: str, asked: list[Any], settled: list[str]
) -> None:
    outcome = decide_enquiry(replace(FACTS, **changes), policy.changed("answers-in-time", mode=Mode(mode)))
    assert [one.of for one in outcome.steps if isinstance(one, Ask)] == asked
    assert [one.to for one in outcome.steps if isinstance(one, Tell)] == asked
    assert [one for step in outcome.steps if isinstance(step, Settle) for one in step.keys] == settled


@pytest.mark.parametrize(
    ("asked_at", "hours", "by"),
    [
        ("2026-10-20 10:00", 4, "2026-10-20 14:00"),
        ("2026-10-20 10:00", 8, "2026-10-21 09:30"),  # 6 1/2 hours today, the rest tomorrow
        ("2026-10-20 20:00", 4, "2026-10-21 12:00"),
        ("2026-10-20 16:30", 1, "2026-10-21 09:00"),
        ("2026-10-24 12:00", 4, "2026-10-26 12:00"),  # a Saturday
        ("2026-10-23 16:00", 24, "2026-10-28 14:30"),
        ("2026-11-06 16:00", 1, "2026-11-16 08:30"),  # before the fall break
        ("2026-10-30 16:00", 2, "2026-11-02 09:30"),  # over the night in which clocks change
    ],
)
def test_hours_are_working_hours(policy: Policy, asked_at: str, hours: int, by: str) -> None:
    asked, wanted = (datetime.fromisoformat(one).replace(tzinfo=policy.zone) for one in (asked_at, by))
    assert Calendar(policy).after_working_hours(asked, hours) == wanted


@given(halves=st.integers(0, 400 * 48), hours=st.integers(1, 12))
@settings(max_examples=20)
def test_so_many_working_hours_lie_between(policy: Policy, halves: int, hours: int) -> None:
    """Counted half-hour by half-hour."""
    calendar = Calendar(policy)
    asked = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(minutes=30 * halves)
    by, counted, moment = calendar.after_working_hours(asked, hours), 0, asked
    while moment < by:
        counted += calendar.next_working_moment(moment) == moment
        moment += timedelta(minutes=30)
    assert counted == hours * 2
