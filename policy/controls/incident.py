"""Reports that a policy or a law was broken are heard, decided, and may be appealed once."""

from typing import ClassVar, Literal

from pydantic import Field

from policy.controls._control import Control, OneFor
from policy.parts import Grace, Id, Words
from schemas.words import ItemKind


class Hearing(Control):
    """Whoever is reported is heard before anything is decided, and may appeal once.

    `policies`: what can be broken beside the file's laws and clauses. `decided_by`: the office that takes a
    report on and decides. `otherwise`: the office that decides appeals, and where the first has nobody but
    the people concerned. `answer_school_days`, `appeal_school_days`: how long the person has for each.

    Finds nothing. Asks the office to decide and the person to answer. A sanction is brought about with the
    letters and last days that it has anyway. Never lets who is concerned, who reported it or a deputy of
    these decide; never tells the person who reported it.
    """

    one_for: ClassVar[OneFor | None] = OneFor.FILE
    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.DECIDE_REPORT, ItemKind.ANSWER_REPORT)

    use: Literal["incident"] = "incident"
    policies: tuple[Words, ...] = Field(min_length=1)
    decided_by: Id
    otherwise: Id
    answer_school_days: Grace
    appeal_school_days: Grace

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return (
            ("decided_by", "division office", self.decided_by),
            ("otherwise", "division office", self.otherwise),
        )
