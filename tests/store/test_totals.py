"""The tables beside the enums are total: nothing in the vocabulary was forgotten in one of them."""

import pytest

from policy.notices import KINDS
from schemas.notices import Urgency
from schemas.states import (
    INITIAL,
    OWNER,
    TRANSITIONS,
    AccessState,
    AccountState,
    IncidentState,
    LeaveState,
    RequestState,
    State,
    has_ended,
)

LIFECYCLES = (RequestState, AccountState, AccessState, LeaveState, IncidentState)
STATES = [state for lifecycle in LIFECYCLES for state in lifecycle]
BY_NAME = pytest.mark.parametrize("state", STATES, ids=lambda state: f"{type(state).__name__}.{state.name}")


@pytest.mark.parametrize("table", [TRANSITIONS, OWNER], ids=["TRANSITIONS", "OWNER"])
def test_no_state_lacks_its_entry(table: dict[State, object]) -> None:
    """Compared by type as well: states of two lifecycles that read the same are two keys."""
    assert [(type(key), key) for key in table] == [(type(state), state) for state in STATES]


def test_states_of_two_lifecycles_are_never_equal() -> None:
    assert AccountState.SUSPENDED != AccessState.SUSPENDED
    assert RequestState.APPROVED != AccountState.APPROVED
    assert AccountState.SUSPENDED == "suspended"
    assert "suspended" == AccountState.SUSPENDED  # noqa: SIM300 - the other way round
    assert len(set(STATES)) == len(STATES)


@BY_NAME
def test_a_state_is_followed_by_states_of_its_own_lifecycle(state: State) -> None:
    assert {type(after) for after in TRANSITIONS[state]} <= {type(state)}
    assert state not in TRANSITIONS[state]


@pytest.mark.parametrize("lifecycle", LIFECYCLES)
def test_every_state_is_reached_from_the_first(lifecycle: type[State]) -> None:
    reached, edge = set(), {INITIAL[lifecycle]}
    while edge:
        reached |= edge
        edge = {after for state in edge for after in TRANSITIONS[state]} - reached
    assert reached == set(lifecycle)


@pytest.mark.parametrize("lifecycle", LIFECYCLES)
def test_every_lifecycle_can_end_from_everywhere(lifecycle: type[State]) -> None:
    ends = {state for state in lifecycle if has_ended(state)}
    assert ends
    while grown := {state for state in lifecycle if TRANSITIONS[state] & ends} - ends:
        ends |= grown
    assert ends == set(lifecycle)


@BY_NAME
def test_what_nothing_can_follow_has_ended(state: State) -> None:
    assert TRANSITIONS[state] or has_ended(state)


def test_people_are_told_of_every_state_but_the_first_of_a_request() -> None:
    told = {state for kind in KINDS.values() for state in kind.tells_of}
    assert set(STATES) - told == {RequestState.SUBMITTED}


@pytest.mark.parametrize("kind", sorted(name for name, kind in KINDS.items() if kind.tells_of))
def test_a_notice_of_a_state_is_not_gathered_into_a_digest(kind: str) -> None:
    """A decision or a suspension is its own letter."""
    assert KINDS[kind].urgency is not Urgency.LOW
