"""Enough people administer an account, and the right ones are among them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from policy.controls._control import Control
from policy.parts import Id

People = Annotated[int, Field(ge=0, le=20)]


class Administrators(Control):
    """An account of these levels has its administrators, at the request and ever after.

    `holders_at_least` of them hold `office`; whom the office `designated_by` designated counts as a holder.
    `others_at_least` members of the staff come on top of those. `nightly`: whether accounts
    that lack them later are found.

    Finds every live account that lacks them. Asks who requests an account to name them. Never gives or takes
    access itself.
    """

    use: Literal["administrators"] = "administrators"
    office: Id | None = None
    holders_at_least: People = 0
    designated_by: Id | None = None
    others_at_least: People = 0
    nightly: bool = True

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        offices = (("office", self.office), ("designated_by", self.designated_by))
        return tuple((key, "office", office) for key, office in offices if office is not None)

    @property
    def or_designated(self) -> bool:
        """Whether somebody who was designated counts as a holder."""
        return self.designated_by is not None

    @property
    def at_least(self) -> int:
        """How many people there must be in all."""
        return self.holders_at_least + self.others_at_least

    @model_validator(mode="after")
    def _somebody(self) -> "Administrators":
        if self.holders_at_least and self.office is None:
            raise ValueError("say which office they hold, in `office`")
        if self.at_least < 1:
            raise ValueError(
                "no account goes without an administrator: set `holders_at_least` or `others_at_least`"
            )
        return self
