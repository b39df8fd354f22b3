"""What is beyond the brakes of a night waits; what is within them goes on (10)."""

from datetime import UTC, datetime

import pytest

from policy.model import Policy
from policy.suspension import Room, decide_suspension
from schemas.facts import Keeper, SuspensionFacts, Violation
from schemas.outcome import Ask, Move, Outcome
from schemas.states import AccountState
from schemas.words import SubjectKind

NOW = datetime(2027, 1, 20, 8, tzinfo=UTC)
TOLD = datetime(2026, 11, 2, 16, tzinfo=UTC)
DAY = TOLD.date().replace(day=20)


def facts(*violations: Violation, people: int = 4) -> SuspensionFacts:
    keepers = tuple(Keeper(number, 10 + number, 1) for number in range(1, people + 1))
    return SuspensionFacts(1, AccountState.LIVE, 1, "school", 1, (9,), keepers, violations)


def moved(outcome: Outcome, kind: SubjectKind) -> int:
    return sum(isinstance(one, Move) and one.subject.kind is kind for one in outcome.steps)


@pytest.mark.parametrize(("room", "taken"), [(None, 3), (2, 2), (1, 1), (0, 0)])
def test_no_more_accesses_a_night_than_there_is_room_for(
    policy: Policy, room: int | None, taken: int
) -> None:
    late = [Violation(number, "guidelines", number, DAY, TOLD) for number in (1, 2, 3)]
    outcome = decide_suspension(facts(*late), policy, NOW, Room(accesses=room))
    assert moved(outcome, SubjectKind.ACCESS) == taken


@pytest.mark.parametrize(("suspend", "taken"), [(True, 1), (False, 0)])
def test_an_account_that_must_wait_is_not_suspended(policy: Policy, suspend: bool, taken: int) -> None:
    late = Violation(1, "notice-on-page", 0, DAY, TOLD)
    outcome = decide_suspension(facts(late), policy, NOW, Room(suspend=suspend))
    assert moved(outcome, SubjectKind.ACCOUNT) == taken


@pytest.mark.parametrize("announce", [True, False])
def test_what_is_new_is_announced_only_where_there_is_room(policy: Policy, announce: bool) -> None:
    new = Violation(2, "privacy-settings", 0)
    room = Room(announce=announce, suspend=False)
    outcome = decide_suspension(facts(new), policy, NOW, room)
    assert any(isinstance(one, Ask) for one in outcome.steps) is announce
