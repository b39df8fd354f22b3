"""What is known of who looks at an account each day, as frozen facts."""

from dataclasses import dataclass
from datetime import date

from schemas.states import AccountState


@dataclass(frozen=True)
class Looker:
    """Somebody who is here and has access to the account.

    `absence`: the number of the absence that stands today, where they are away, and `through` its last day.
    `deputies`: who stands in for them today and is not away.
    """

    person_id: int
    absence: int | None = None
    through: date | None = None
    deputies: tuple[int, ...] = ()


@dataclass(frozen=True)
class Asked:
    """An open item that asks for a look: its key, and of whom; None: of an office."""

    key: str
    person_id: int | None


@dataclass(frozen=True)
class LookFacts:
    """One account: who has access, since when nobody has looked, and who was asked and told.

    `missed_since`: the first of the days on which nobody looked, where they are as many as are asked after.
    `told`: who read already that they look for somebody in an absence, by absence and person.
    """

    account_id: int
    state: AccountState
    level: str
    school_id: int | None
    lookers: tuple[Looker, ...]
    missed_since: date | None
    asked: tuple[Asked, ...] = ()
    told: frozenset[tuple[int, int]] = frozenset()
