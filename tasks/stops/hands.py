"""Whose hands a stop is in: who else may confirm it, and why somebody may not.

Two offices, and two people: who acts counts for the office by which they act, for those that they hold
themselves, and for everybody for whom they may stand in today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from policy.stops import stopping
from schemas.outcome import RoleAt
from tasks.acts.context import ActContext
from tasks.store.holders import Holder, holders_at, stood_in_for


@dataclass(frozen=True)
class Stopped:
    """A stop: the office that stopped, and whose hand it was: the person, and in whose place."""

    office: str
    people: frozenset[int]


Held = Mapping[str, tuple[Holder, ...]]


async def held_today(context: ActContext) -> Held:
    """Who may act for each office that stops accounts."""
    at = {RoleAt(one): one for one in stopping(context.policy)}
    found = await holders_at(context.session, tuple(at), context.today)
    return {office: found[role] for role, office in at.items()}


def acts_as(held: Held, person: int) -> Sequence[str]:
    """The offices that a person acts for today, those that they hold themselves first."""
    own = [one for one, people in held.items() if _holds(people, person)]
    stands_in = [one for one, people in held.items() if any(each.person_id == person for each in people)]
    return tuple(dict.fromkeys((*own, *stands_in)))


def _holds(people: Sequence[Holder], person: int) -> bool:
    return any(one.person_id == person and one.deputy_for is None for one in people)


async def why_not(context: ActContext, held: Held, stopped: Stopped, person: int) -> str | None:
    """Why a person may not confirm a stop, in a sentence; None: they may."""
    label = context.policy.label(stopped.office)
    if person in stopped.people:
        return "You stopped it yourself, and a second office confirms a stop."
    if stopped.people & await stood_in_for(context.session, person, context.today):
        return "You stand in for who stopped it, and somebody else confirms a stop."
    if _holds(held.get(stopped.office, ()), person):
        return f"Your own office stopped it, the {label}, and a second one confirms a stop."
    if any(one != stopped.office for one in acts_as(held, person)):
        return None
    return "You hold no other office that stops accounts, and such a one confirms a stop."


async def who_confirms(context: ActContext, held: Held, stopped: Stopped) -> Sequence[str]:
    """The offices with somebody who is here today and may confirm it."""
    able = []
    for office, people in held.items():
        here = [one.person_id for one in people if not one.absent and office != stopped.office]
        if None in [await why_not(context, held, stopped, one) for one in here]:
            able.append(office)
    return able
