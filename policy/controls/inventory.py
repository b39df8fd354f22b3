"""Which accounts there are, and who administers them, is known."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import field_validator

from policy.controls._control import Control, OneFor
from schemas.words import ItemKind

Month = Literal[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTHS: tuple[str, ...] = Month.__args__  # type: ignore[attr-defined]


class Inventory(Control):
    """The accounts that are there already are taken in from a list, and each school confirms its own list.

    `asked_in`: the months in which each school is asked whether its accounts, and who administers them, are
    as they stand here; none if left out. A school that has said so since the month began is not asked.

    Finds nothing. Asks the administration of each school, on the first school day of such a month. Never
    closes an account that a later list does not name, or because no answer came.
    """

    missing: ClassVar[tuple[str, ...]] = ("pages that nobody approved are adopted or shut",)
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.CONFIRM_LIST,)
    one_for: ClassVar[OneFor | None] = OneFor.FILE

    use: Literal["inventory"] = "inventory"
    asked_in: tuple[Month, ...] = ()

    @field_validator("asked_in")
    @classmethod
    def _once_each(cls, value: tuple[Month, ...]) -> tuple[Month, ...]:
        if len(set(value)) < len(value):
            raise ValueError("name each month once")
        return value

    def asks(self) -> tuple[ItemKind, ...]:
        """Nothing where no month is named: a file from before needs no terms for it."""
        return self.asks_for if self.asked_in else ()

    def asked_since(self, today: date) -> date | None:
        """The first day of the month in which schools are asked, where `today` lies in one."""
        return today.replace(day=1) if _MONTHS[today.month - 1] in self.asked_in else None
