"""What the policy asks, clause by clause, and the laws that it names."""

from datetime import date
from enum import StrEnum

from pydantic import Field, field_validator

from policy.clause_ids import CLAUSE_IDS, HEADS
from policy.model.base import Part, Words, doubled


class ClauseKind(StrEnum):
    """How software can help with a clause."""

    GATE = "gate"  # the forbidden step can't happen
    RULE = "rule"  # a standing obligation that the sweep holds every live account to
    LIFECYCLE = "lifecycle"  # a process with people in it
    GUIDANCE = "guidance"  # advice at the right moment, acknowledged by version


class Clause(Part):
    """One clause that asks something of somebody."""

    id: str
    title: Words
    kinds: tuple[ClauseKind, ...] = Field(min_length=1)
    asks: Words

    @field_validator("id")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in CLAUSE_IDS:
            raise ValueError("AP 151 has no such clause that asks something")
        return value

    @field_validator("kinds")
    @classmethod
    def _once(cls, value: tuple[ClauseKind, ...]) -> tuple[ClauseKind, ...]:
        if (twice := doubled(value)) is not None:
            raise ValueError(f"{twice} stands here twice")
        return value


class Head(Part):
    """The title over clauses; asks nothing itself."""

    id: str
    title: Words

    @field_validator("id")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in HEADS:
            raise ValueError(f"only {', '.join(HEADS)} are heads that ask nothing themselves")
        return value


class Law(Part):
    """A law that the policy names. `replaced_by` took its place on `replaced_on`."""

    name: Words
    named_in: tuple[str, ...] = Field(min_length=1)
    replaced_by: tuple[Words, ...] = ()
    replaced_on: date | None = None

    @field_validator("named_in")
    @classmethod
    def _are_known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for clause in value:
            if clause not in CLAUSE_IDS:
                raise ValueError(f"AP 151 has no clause {clause} that asks something")
        return value
