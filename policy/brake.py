"""The brake of a night: what its causes would begin for very many waits until somebody has answered. Pure.

A cause is what would happen, the control that asks for it, and the figure of the policy file behind it. A
new figure is a new cause. The causes of a night are added up, losses and letters apart; the smallest go on as
long as there is room, the others wait. What somebody decides about one person, a person of whom a roster says
that they left, and a completion that was voided are no cause of a night: they act at once.
"""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from policy.controls.administrators import Administrators
from policy.gates import Gate, text_control
from policy.model import Policy
from policy.notices.access import AccessAtRisk, AccessSuspended, TextsToRead
from policy.training_lapse import NO_COMPLETION
from schemas.outcome import Move, Outcome, Tell
from schemas.states import AccessState
from schemas.words import BrakeAnswer, BrakeOf

#: Of what the figures speak.
LETTERS = frozenset({BrakeOf.RENEW_COURSE, BrakeOf.SEND_TEXT})
_LETTERS = frozenset(one.name.lower() for one in LETTERS)
#: What happens on school days only.
_TAKEN = frozenset(
    {BrakeOf.TAKE_FOR_COURSE, BrakeOf.SUSPEND_ACCESS, BrakeOf.SUSPEND_ACCOUNT, BrakeOf.COUNT_AS_LEFT}
)


@dataclass(frozen=True, order=True)
class Cause:
    """Why a night would begin something. `what`: a course or a text; `figure`: its days or version."""

    of: BrakeOf
    control: str
    what: str = ""
    figure: str = ""

    @cached_property
    def key(self) -> str:
        """The cause in one line, the same every night."""
        return f"{self.of.name.lower()}/{self.control}/{self.what}/{self.figure}"


@dataclass
class Found:
    """How many people, or accounts, one cause would begin something for, and their accounts."""

    who: set[int] = field(default_factory=set)
    accounts: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Standing:
    """A question that is open."""

    id: int
    cause: str
    found: int
    answer: BrakeAnswer | None
    held_until: date | None


@dataclass(frozen=True)
class Night:
    """How large the division is, and how many losses have begun today that nobody was asked about."""

    accounts: int = 0
    people: int = 0
    lost: int = 0

    def out_of(self, of: BrakeOf) -> int:
        """All live accounts, or all people who are here and have access to one."""
        return self.accounts if of.counts_accounts else self.people


@dataclass(frozen=True)
class Steps:
    """What becomes of the questions tonight: the causes to ask about, and the questions that end.

    `beside`: the other causes of tonight with their counts, those that go on and those that wait.
    """

    begin: tuple[Cause, ...] = ()
    end: tuple[int, ...] = ()
    beside: tuple[tuple[Cause, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begin or self.end)


def looked_for(kinds: Collection[BrakeOf], policy: Policy, today: date) -> frozenset[BrakeOf]:
    """Those of these kinds that may happen on this day: nothing is found of the others, whatever their cause.

    Their questions stand over such a day, with the answers that they have.
    """
    return frozenset(kinds) - (frozenset() if policy.calendar.may_take(today) else _TAKEN)


def of_course(of: BrakeOf, control: str, course: str, policy: Policy) -> Cause:
    """The cause of what a course asks; the days for which it counts are the figure."""
    return policy.once(
        ("cause", of, control, course),
        lambda: Cause(of, control, course, str(policy.course_by_id(course).valid_days or "")),
    )


def of_missing(policy: Policy) -> Cause:
    """The cause for which people count as left: rosters did not have them, for so many school days."""
    figure = str(policy.roster.missing_school_days)
    return Cause(BrakeOf.COUNT_AS_LEFT, policy.name_of(Administrators), figure=figure)


def of_text(gate: Gate) -> Cause:
    """The cause of sending a text in its version."""
    return Cause(BrakeOf.SEND_TEXT, gate.control, gate.what, gate.version)


def of_access(outcome: Outcome, policy: Policy) -> tuple[Cause, ...]:
    """The causes for which a decision about one access would begin something."""
    no_completion = any(
        isinstance(step, Move) and step.to is AccessState.SUSPENDED and step.cause == NO_COMPLETION
        for step in outcome.steps
    )
    found: list[Cause] = []
    for notice in (step.notice for step in outcome.steps if isinstance(step, Tell)):
        match notice:
            case AccessAtRisk(because="lapses"):
                found.append(of_course(BrakeOf.RENEW_COURSE, notice.control, notice.course, policy))
            case AccessAtRisk():
                found.append(of_course(BrakeOf.ASK_COURSE, notice.control, notice.course, policy))
            case TextsToRead():
                found += [
                    Cause(BrakeOf.SEND_TEXT, text_control(policy, text), text, version)
                    for text, version in notice.texts
                ]
            case AccessSuspended() if no_completion:
                found.append(of_course(BrakeOf.TAKE_FOR_COURSE, notice.control, notice.course, policy))
    return tuple(found)


def at_most(night: Night, policy: Policy, *, letters: bool) -> int:
    """For how many people and accounts together a night may begin this without asking: letters, or losses."""
    terms = policy.night
    if letters:
        return max(terms.letters_at_most, int(terms.letters_share_at_most * night.people))
    return max(terms.losses_at_most, int(terms.losses_share_at_most * (night.people + night.accounts)))


def decide_brakes(
    found: Mapping[Cause, int],
    night: Night,
    standing: Collection[Standing],
    policy: Policy,
    today: date,
) -> Steps:
    """Which causes of tonight are asked about, and which questions end.

    `standing` are the open questions of whatever was looked for. One ends when its cause is gone: when
    nothing is left of it, or no more than a night allows, where it alone was more. It ends and is asked anew
    on the day until which it was held, and where what was let happen has grown by more than a night allows.
    """
    begin: list[Cause] = []
    end: list[int] = []
    for letters in (False, True):
        limit = at_most(night, policy, letters=letters)
        here = {cause.key: cause for cause in found if (cause.of in LETTERS) is letters}
        free = limit - (0 if letters else night.lost)
        stand = {one.cause: one for one in standing if (one.cause.partition("/")[0] in _LETTERS) is letters}
        for key, one in stand.items():
            count = found[here[key]] if key in here else 0
            if count <= (limit if one.found > limit else 0):
                end.append(one.id)
            elif _is_anew(one, count, limit, today):
                end.append(one.id)
                begin.append(here.pop(key))
            else:
                del here[key]
        for cause in sorted(here.values(), key=lambda each: (found[each], each)):
            if found[cause] > free:
                begin.append(cause)
            else:
                free -= found[cause]
    beside = tuple(sorted(found.items())) if begin else ()
    return Steps(tuple(sorted(begin)), tuple(sorted(end)), beside)


def _is_anew(one: Standing, count: int, limit: int, today: date) -> bool:
    if one.answer is BrakeAnswer.RELEASE:
        return count - one.found > limit
    return one.answer is BrakeAnswer.HOLD and one.held_until is not None and one.held_until <= today


def let_everything_happen(policy: Policy) -> Policy:
    """The same policy with a brake that nothing is over: what is tried on a copy waits for nobody."""
    night = policy.night
    numbers = {name: sys.maxsize for name in type(night).model_fields if name.endswith("_at_most")}
    shares = {name: 1.0 for name in numbers if name.endswith("_share_at_most")}
    return policy.model_copy(update={"night": night.model_copy(update={**numbers, **shares})})
