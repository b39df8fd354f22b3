"""What the gates would do tonight: decided once for the brake and for the gate that comes after it.

Between the two, only what waits may change. So each decision is kept with the questions that it asked about
waiting: while their answers stay the same, the decision does too.
"""

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from policy.brake import Cause, of_access
from policy.model import Policy
from policy.training_gate import decide_access
from schemas.facts import AccessFacts
from tasks.access.candidates import days_of, may_move
from tasks.access.facts import Read, read_accesses
from tasks.cases import Only, in_parts
from tasks.runtime import Runtime
from tasks.store.session import Session

#: Under this name a run keeps what the brake decided, until the gate takes it.
_KEPT = "the gates tonight"


@dataclass(frozen=True, slots=True)
class Happens:
    """What would happen: while nothing waits, and while all that it depends on waits.

    `causes` are those for which something would begin, held or not; `depends_on` the keys of all causes
    that it was decided by.
    """

    causes: tuple[Cause, ...]
    moves: bool
    moves_held: bool
    depends_on: frozenset[str]

    def now_moves(self, waits: frozenset[str]) -> bool | None:
        """Whether it moves while these causes wait; None where that is to be decided anew."""
        if self.depends_on.isdisjoint(waits):
            return self.moves
        return self.moves_held if self.depends_on <= waits else None


class Decided(NamedTuple):
    """One access, and what would happen with it."""

    id: int
    account_id: int
    handle: str
    person_id: int
    happens: Happens


@dataclass(frozen=True, slots=True)
class Tonight:
    """All of them, by account, as one moment saw them."""

    now: datetime
    only: Only | None
    policy: Policy
    decided: tuple[Decided, ...]


class _Noted(Collection[str]):
    """Causes that all wait, or none of them; whoever asks is noted."""

    def __init__(self, waits: bool) -> None:
        self.waits, self.asked = waits, set[str]()

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return self.waits

    def __iter__(self) -> Iterator[str]:
        return iter(self.asked)

    def __len__(self) -> int:
        return len(self.asked)


async def look(session: Session, runtime: Runtime, now: datetime, only: Only | None) -> Tonight:
    """Decide for every access that may have something to do, and keep it for `taken`."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    today = calendar.today(now)
    candidates = may_move(policy, of_one=only is not None)
    asked: dict[str, Any] = {**days_of(policy, today)}
    if only is not None:
        asked |= {"account": only.account}
    # all numbers at once: what is read a few at a time PostgreSQL plans for the first rows alone
    rows = await session.run(candidates, asked)
    handles: dict[int, str] = {number: handle for number, _, handle in rows.all() if number is not None}
    found: list[Decided] = []
    known: dict[Hashable, Happens] = {}
    for some in in_parts(handles):
        read = await read_accesses(session, some, policy, today, beside=False)
        by_id = {row.id: row for row in read.rows}
        for number in some:
            row = by_id[number]
            what = happens(read, row, known, policy, now)
            found.append(Decided(number, row.account_id, handles[number], row.person_id, what))
    tonight = Tonight(now, only, policy, tuple(found))
    runtime.kept[_KEPT] = tonight
    return tonight


def happens(read: Read, row: Any, known: dict[Hashable, Happens], policy: Policy, now: datetime) -> Happens:
    """What would happen with an access; decided once for all that are alike."""
    alike = read.alike(row)
    if alike is None:
        return decided(read.facts(row), policy, now)
    if alike not in known:
        known[alike] = decided(read.facts(row), policy, now)
    return known[alike]


def decided(access: AccessFacts, policy: Policy, now: datetime) -> Happens:
    """What would happen with one access, decided by itself."""
    free, held = _Noted(waits=False), _Noted(waits=True)
    outcome = decide_access(access, policy, now, free)
    moves = bool(outcome)
    moves_held = bool(decide_access(access, policy, now, held)) if free.asked else moves
    causes = of_access(outcome, policy) if outcome else ()
    return Happens(causes, moves, moves_held, frozenset(free.asked | held.asked))


def taken(runtime: Runtime, now: datetime, only: Only | None) -> Tonight | None:
    """What the brake of the same run and moment decided; once: whoever comes later sees another store."""
    kept = runtime.kept.pop(_KEPT, None)
    if isinstance(kept, Tonight) and (kept.now, kept.only) == (now, only) and kept.policy is runtime.policy:
        return kept
    return None


async def moving(
    session: Session, tonight: Tonight, policy: Policy, now: datetime, waits: frozenset[str]
) -> frozenset[int]:
    """The accesses that move while these causes wait. Only what depends on some of them is read again."""
    calendar = policy.calendar
    found = {one.id: one.happens.now_moves(waits) for one in tonight.decided}
    for some in in_parts(number for number, moves in found.items() if moves is None):
        read = await read_accesses(session, some, policy, calendar.today(now))
        for row in read.rows:
            found[row.id] = bool(decide_access(read.facts(row), policy, now, waits))
    return frozenset(number for number, moves in found.items() if moves)
