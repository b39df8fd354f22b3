"""A notice stands on every page, word for word."""

from typing import ClassVar, Literal

from policy.controls._control import Control, Sanction
from policy.parts import Count, Id
from schemas.words import ItemKind


class Display(Control):
    """The page of every account shows the notice, or links to a page that does.

    `notice`: its id. `look_within_days`: the page has been looked at so many days after the account became
    live or was found, or after the notice changed. `look_again_after_hours`: at a page that lacked it;
    `look_every_days`: at every other page. `attested_good_days`: how long what a person saw on
    a page holds that we can't read. `then`: what is suspended where it is not mended.

    Finds every live account whose page did not show the present notice when last looked at. Asks its
    administrators to put it there. Never takes a page that it could not read for one that shows it.
    """

    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.MEND_NOTICE,)

    use: Literal["display"] = "display"
    notice: Id
    look_within_days: Count
    look_again_after_hours: Count
    look_every_days: Count
    attested_good_days: Count
    then: Sanction | None = None

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("notice", "notice", self.notice),)
