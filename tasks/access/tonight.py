"""What the gates would do tonight: decided once for the brake and for the gate that comes after it.

What waits may change between the two, and nothing else that a run knows of. So each decision is kept with
what it asked of that: for as long as the answers are the same, so is the decision.
"""

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.brake import Cause, of_access
from policy.calendar import Calendar
from policy.model import Policy
from policy.training_gate import decide_access
from schemas.accounts import Access
from schemas.facts import AccessFacts
from tasks.access.facts import access_facts, days_of, may_move
from tasks.cases import Only, in_parts
from tasks.runtime import Runtime

#: Under this name a run keeps what the brake decided, until the gate takes it.
_KEPT = "the gates tonight"


#: What a decision looks at where nothing is asked yet, besides the completed courses.
LOOKED_AT = (
    "state",
    "suspended_for",
    "person_active",
    "account_state",
    "level",
    "channel",
    "training_required",
    "acknowledged",
    "accepted",
    "voided",
    "sent",
    "custody",
    "knows_secret",
    "nobody_else",
    "ends_on",
    "ends_for",
)
#: What only names whom and what something is about: where accesses differ in these alone, the same happens.
ONLY_NAMES = frozenset({"id", "version", "person_id", "account_id", "school_id", "beside", "proposed_by_id"})
_looked_at = attrgetter(*LOOKED_AT)


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


@dataclass(frozen=True, slots=True)
class Decided:
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


async def look(session: AsyncSession, runtime: Runtime, now: datetime, only: Only | None) -> Tonight:
    """Decide for every access that may have something to do, and keep it for `taken`."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    today = calendar.today(now)
    candidates = may_move(policy)
    if only is not None:
        candidates = candidates.where(col(Access.account_id) == only.account)
    # all numbers at once: what is read a few at a time PostgreSQL plans for the first rows alone
    rows = await (await session.connection()).execute(candidates, days_of(policy, calendar, today))
    handles: dict[int, str] = {row.id: row.handle for row in rows}
    found: list[Decided] = []
    known: dict[Hashable, Happens] = {}
    for some in in_parts(handles):
        by_id = {one.id: one for one in await access_facts(session, some, policy, today)}
        for number in some:
            one = by_id[number]
            what = happens(one, known, policy, calendar, now)
            found.append(Decided(number, one.account_id, handles[number], one.person_id, what))
    tonight = Tonight(now, only, policy, tuple(found))
    runtime.kept[_KEPT] = tonight
    return tonight


def _alike(access: AccessFacts) -> Hashable | None:
    """The same for accesses with which the same happens; None for one that is to be decided by itself."""
    if access.asked or access.account_asked:
        return None  # the keys of what is asked name accesses, people and accounts
    return (
        _looked_at(access),
        access.proposed_by_id is None,
        frozenset(access.completions.items()),
    )


def happens(
    access: AccessFacts, known: dict[Hashable, Happens], policy: Policy, calendar: Calendar, now: datetime
) -> Happens:
    """What would happen with an access; decided once for all that are alike."""
    alike = _alike(access)
    if alike is None:
        return decided(access, policy, calendar, now)
    if alike not in known:
        known[alike] = decided(access, policy, calendar, now)
    return known[alike]


def decided(access: AccessFacts, policy: Policy, calendar: Calendar, now: datetime) -> Happens:
    """What would happen with one access, decided by itself."""
    free, held = _Noted(waits=False), _Noted(waits=True)
    outcome = decide_access(access, policy, calendar, now, free)
    moves = bool(outcome)
    moves_held = bool(decide_access(access, policy, calendar, now, held)) if free.asked else moves
    causes = of_access(outcome, policy) if outcome else ()
    return Happens(causes, moves, moves_held, frozenset(free.asked | held.asked))


def taken(runtime: Runtime, now: datetime, only: Only | None) -> Tonight | None:
    """What the brake of the same run and moment decided; once: whoever comes later sees another store."""
    kept = runtime.kept.pop(_KEPT, None)
    if isinstance(kept, Tonight) and (kept.now, kept.only) == (now, only) and kept.policy is runtime.policy:
        return kept
    return None


async def moving(
    session: AsyncSession, tonight: Tonight, policy: Policy, now: datetime, waits: frozenset[str]
) -> frozenset[int]:
    """The accesses that move while these causes wait. Only what depends on some of them is read again."""
    calendar = policy.calendar
    found = {one.id: one.happens.now_moves(waits) for one in tonight.decided}
    for some in in_parts(number for number, moves in found.items() if moves is None):
        for facts in await access_facts(session, some, policy, calendar.today(now)):
            found[facts.id] = bool(decide_access(facts, policy, calendar, now, waits))
    return frozenset(number for number, moves in found.items() if moves)
