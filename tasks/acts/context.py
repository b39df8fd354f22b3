"""What an act's function works with: one transaction, one moment, and who acts in which right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from policy.calendar import Calendar
from policy.model import Policy
from schemas.outcome import Outcome, Subject
from tasks.store import audit
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.session import Session


@dataclass(frozen=True)
class Right:
    """In which right somebody acts: `deputy_for` is the absent holder whose office they stand in for.

    `through`: everybody whom they stand in for on the way, where a deputy's own deputy acts.
    """

    deputy_for: int | None = None
    through: frozenset[int] = frozenset()

    def stands_for(self, person: int) -> frozenset[int]:
        """The person who acts in it, and everybody whom they stand in for."""
        nearest = frozenset[int]() if self.deputy_for is None else frozenset({self.deputy_for})
        return frozenset({person}) | self.through | nearest


@dataclass(frozen=True)
class ActContext:
    """The transaction that the act runner opened, and the person who acts.

    `person_id` is the number of who acts; 0 only where the first office or roster of an empty store is
    recorded and nobody is stored yet. `material` is what the act prepared before the transaction. `begins`:
    nobody holds an office of the division yet, so nobody was asked for one; audit entries say so.
    """

    session: Session
    policy: Policy
    calendar: Calendar
    actor: Actor
    now: datetime
    right: Right = field(default_factory=Right)
    material: Any = None
    begins: bool = False

    @property
    def person_id(self) -> int:
        """The number of who acts."""
        return self.actor.person_id or 0

    @property
    def today(self) -> date:
        """The day of the division's zone."""
        return self.calendar.today(self.now)

    async def apply(self, outcome: Outcome) -> None:
        """Carry out an outcome in the name of who acts. Raises what `transition()` raises."""
        await apply(self.session, outcome, actor=self.actor, calendar=self.calendar, now=self.now)

    async def note(
        self, subject: Subject, *, control: str, cause: str, body: Mapping[str, Any] | None = None
    ) -> None:
        """Add the audit entry of something done that changes no state. `body` holds ids, codes and counts."""
        noted = {**(body or {}), "nobody in office": True} if self.begins else body
        await audit.append(
            self.session, subject, actor=self.actor, control=control, cause=cause, now=self.now, body=noted
        )
