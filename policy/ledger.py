"""The clause ledger: how far each clause of the policy is served, and by what.

It is reckoned from the policy file and the kinds of control that the code has: a clause is served only where
every control that it names is of a kind with nothing missing. No list of promises stands anywhere.
"""

from dataclasses import dataclass
from inspect import getdoc
from typing import Literal

from policy.controls import Control, Mode
from policy.model import Clause, Policy
from schemas.language import half

Standing = Literal["served", "served in part", "not served yet", "left to people"]


@dataclass(frozen=True)
class ClauseRow:
    """One line of the ledger: a clause, the controls that hold it, and what is missing, in words."""

    clause: Clause
    controls: tuple[Control, ...]
    missing: tuple[str, ...]

    @property
    def standing(self) -> Standing:
        """How far the clause is served."""
        if self.clause.by_people is not None:
            return "left to people"
        if not self.controls:
            return "not served yet"
        return "served in part" if self.missing else "served"


def ledger(policy: Policy) -> tuple[ClauseRow, ...]:
    """Each clause that asks something, in the policy's own order."""
    return tuple(_row(policy, clause) for clause in policy.clauses if clause.asks is not None)


def promise(control: Control) -> str:
    """What a control promises, in one sentence: the first of its kind's own words."""
    return f"{control.use}: {' '.join((getdoc(type(control)) or '').split(chr(10) * 2)[0].split())}"


def _row(policy: Policy, clause: Clause) -> ClauseRow:
    named = (*clause.controls, *(policy.control(name) for name in clause.held_by))
    controls = tuple(control for control in named if not control.is_off)
    missing = [part for control in controls for part in control.missing]
    missing += [
        half("{control} only observes", control=one.name) for one in controls if one.mode is Mode.OBSERVE
    ]
    missing += [half("{control} is off", control=one.name) for one in named if one.is_off]
    if clause.planned is not None:
        missing.append(clause.planned)
    return ClauseRow(clause, controls, tuple(dict.fromkeys(missing)))
