"""What fits in a policy file and is probably a slip: said as a warning, and never refused. Pure."""

from collections.abc import Collection, Iterator

from policy.controls import Control
from policy.controls.sanction import Suspending
from policy.model.checks import Location, Problem, controls_of
from policy.model.whole import Policy
from policy.parts import Means, Part
from schemas.language import half

#: A grace shorter than this is a slip: nobody reads a letter and does what it asks within a day.
GRACE_AT_LEAST = 2
#: What people did counts for a year or so; what counts for fewer days than this is a slip.
LASTS_AT_LEAST_DAYS = 90


def slips(policy: Policy, held: Collection[str] | None = None) -> tuple[Problem, ...]:
    """Everything that is probably a slip, in the order of the file's sections.

    `held`: the ids of the offices that somebody holds today; None where nobody has looked.
    """
    off = {where for where, control in controls_of(policy) if control.is_off}
    figures = (one for one in _figures(policy, ()) if not any(one.where[: len(at)] == at for at in off))
    nobody = () if held is None else tuple(_held_by_nobody(policy, held))
    return (*nobody, *figures, *_controls(policy))


def _figures(part: Part, where: Location) -> Iterator[Problem]:
    """Numbers of days in which a slip would cost people their access."""
    for name, field in type(part).model_fields.items():
        value, here = getattr(part, name), (*where, field.alias or name)
        if isinstance(value, Part):
            yield from _figures(value, here)
        elif isinstance(value, tuple):
            for number, entry in enumerate(value):
                if isinstance(entry, Part):
                    yield from _figures(entry, (*here, number))
        elif isinstance(value, int) and Means.GRACE in field.metadata and value < GRACE_AT_LEAST:
            yield Problem(
                here, half("people would have one day to do what keeps their access: give them more")
            )
        elif isinstance(value, int) and Means.LASTS in field.metadata and value < LASTS_AT_LEAST_DAYS:
            said = half(f"whatever was done more than {value} days ago would count no more: look for a slip")
            yield Problem(here, said)


def _held_by_nobody(policy: Policy, held: Collection[str]) -> Iterator[Problem]:
    """Offices that decide, or that the file asks, and that nobody holds; each where it is named first."""
    named: dict[str, Location] = {}
    for key in ("keeps_policy", "runs_steward"):
        named.setdefault(getattr(policy.duties, key), ("duties", key))
    for where, control in controls_of(policy):
        for key, what, word in () if control.is_off else control.names():
            if what in {"office", "division office"}:
                named.setdefault(word, (*where, key))
    for office, where in named.items():
        if office not in held:
            said = half(
                f"nobody is {policy.label(office)} today, so nobody would be asked: give the office first"
            )
            yield Problem(where, said)


def _controls(policy: Policy) -> Iterator[Problem]:
    sanctioned = False
    for where, control in controls_of(policy):
        if getattr(control, "then", None) is not None:
            sanctioned = True
            if (why := _leads_nowhere(policy, control)) is not None:
                yield Problem((*where, "then"), half(f"{why}, so nothing would be suspended for it"))
        if control.is_off:
            continue
        if not policy.levels_of(control):
            yield Problem((*where, "levels"), half("it speaks of no level of account, so it does nothing"))
        for key, said in control.slips(policy):
            yield Problem((*where, key), said)
    if not sanctioned:
        for where, control in controls_of(policy):
            if isinstance(control, Suspending) and not control.is_off:
                said = half("no control leads to a suspension: give one a `then`, or take this one out")
                yield Problem((*where, "use"), said)


def _leads_nowhere(policy: Policy, control: Control) -> str | None:
    """Why what this control leads to never happens; None where it can."""
    if control.is_off:
        return half("the control is off and finds nothing")
    if not policy.of(Suspending):
        return half("the file has no control that suspends (sanction)")
    if len(policy.never_suspended()) == len(policy.platforms):
        return half("accounts of every platform are marked as never suspended")
    return None
