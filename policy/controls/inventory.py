"""Which accounts there are, and who administers them, is known."""

from typing import ClassVar, Literal

from policy.controls._control import Control


class Inventory(Control):
    """The accounts that are there already, with their administrators, are taken in from a list.

    Finds nothing and asks nobody. Never closes an account that a later list does not name.
    """

    missing: ClassVar[tuple[str, ...]] = ("each school is asked whether its list is right",)

    use: Literal["inventory"] = "inventory"
