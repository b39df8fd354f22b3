"""A student's attempt to reach staff in private is shared with the supervisor."""

from typing import ClassVar, Literal

from policy.controls._control import Control, OneFor
from policy.parts import Count, Id
from schemas.words import ItemKind


class Contacts(Control):
    """Staff share a student's attempt to reach them through a private account with their supervisor.

    The supervisor is the person's own; where none is named, who runs their school. `seen_by`: the office that
    may see every report, and is asked where there is nobody nearer. `kept_days`: then a report is deleted.

    Finds nothing. Asks the supervisor to look at it. Never asks for a student's name, and refuses one that
    it knows.
    """

    one_for: ClassVar[OneFor | None] = OneFor.FILE
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.SEE_CONTACT,)

    use: Literal["contact-report"] = "contact-report"
    seen_by: Id
    kept_days: Count

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (("seen_by", "division office", self.seen_by),)
