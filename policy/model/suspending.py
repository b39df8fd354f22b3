"""Which findings lead to suspension, how soon, and how many in one night (9, 10)."""

from enum import StrEnum

from pydantic import field_validator

from policy.clause_ids import CLAUSE_IDS
from policy.model.base import Count, Part, doubled


class SanctionOf(StrEnum):
    """What is suspended when a finding is not mended in time."""

    ACCOUNT = "account"
    ACCESS = "access"  # of the one person whom the finding is about


class Sanction(Part):
    """A finding of this clause leads to suspension unless it is mended within so many school days."""

    clause: str
    of: SanctionOf
    grace_school_days: Count

    @field_validator("clause")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in CLAUSE_IDS:
            raise ValueError(f"AP 151 has no clause {value} that asks something")
        return value


class Suspensions(Part):
    """What happens to findings that nobody mends. A clause that is not listed never leads to suspension.

    `announced_a_night_at_most` and `suspended_a_night_at_most` count accounts and are brakes: a wrong rule
    or a wrong import must neither write to the whole division in one night nor suspend it. An account that
    stays unmended is closed `close_after_days` after it was suspended.
    """

    announced_a_night_at_most: Count
    suspended_a_night_at_most: Count
    close_after_days: Count
    sanctions: tuple[Sanction, ...] = ()

    @field_validator("sanctions")
    @classmethod
    def _once(cls, value: tuple[Sanction, ...]) -> tuple[Sanction, ...]:
        if (twice := doubled(tuple(one.clause for one in value))) is not None:
            raise ValueError(f"clause {twice} stands here twice")
        return value

    def sanction(self, clause: str) -> Sanction | None:
        """What a finding of this clause leads to; None where to nothing."""
        return next((one for one in self.sanctions if one.clause == clause), None)
