"""What lies ahead of an account or a person if nobody does anything, as people read it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Ahead:
    """One consequence that lies ahead: it comes on the first school day `after` that day.

    `account`, `finding` and `person` are their numbers; None where it is about none. `stands`: how far it is.
    """

    after: date
    what: str
    account: int | None
    handle: str
    control: str
    finding: int | None
    person: int | None
    because: str
    stands: str
    whose: str = ""  # the name of the person whose access or office it is
    platform: str = ""  # empty where it is about no account

    @property
    def in_order(self) -> tuple[date, int, int, int, str]:
        """What sorts it: the soonest first."""
        return self.after, self.account or 0, self.finding or 0, self.person or 0, self.what
