"""What a decision on leave is given: plain, frozen values."""

from dataclasses import dataclass
from datetime import date

from schemas.outcome import RoleAt
from schemas.states import LeaveState


@dataclass(frozen=True)
class LeaveDecider:
    """Whom a leave would be asked of, and who may decide it then: each person, and whom they stand in for."""

    asked: int | RoleAt
    people: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True)
class LeaveDeciders:
    """Who may decide one person's leave today: the nearest first, then the offices that step in.

    `under`: people whose supervisor is the person, or stands under them. `climbed`: who holds an office to
    which the open item has climbed.
    """

    person_id: int
    nearest: tuple[LeaveDecider, ...]
    under: frozenset[int] = frozenset()
    climbed: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True)
class LeaveFacts:
    """A leave, its person, and who may decide it.

    `told_of_end`: the person was written that it ends soon. `asked`: the keys of its open items. `renewal`:
    where the leave is that goes on from it.
    """

    id: int
    state: LeaveState
    version: int
    control: str
    person_id: int
    person_active: bool
    starts_on: date
    ends_on: date
    deciders: LeaveDeciders
    decided_by_id: int | None = None
    told_of_end: bool = False
    asked: frozenset[str] = frozenset()
    renewal: LeaveState | None = None
