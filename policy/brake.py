"""The brake of a night: what one cause would begin for very many waits until somebody has answered. Pure.

A cause is what would happen, the control that asks for it, and the figure of the policy file behind it. A
new figure is a new cause. What somebody decides about one person, a person of whom a roster says that they
left, and a completion that was voided are no cause of a night: they act at once.
"""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

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
ACCOUNTS = frozenset({BrakeOf.ANNOUNCE_ACCOUNT, BrakeOf.SUSPEND_ACCOUNT})


@dataclass(frozen=True, order=True)
class Cause:
    """Why a night would begin something. `what`: a course or a text; `figure`: its days or version."""

    of: BrakeOf
    control: str
    what: str = ""
    figure: str = ""

    @property
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
class Steps:
    """What becomes of the questions tonight: the causes to ask about, and the questions that end."""

    begin: tuple[Cause, ...] = ()
    end: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begin or self.end)


def of_course(of: BrakeOf, control: str, course: str, policy: Policy) -> Cause:
    """The cause of what a course asks; the days for which it counts are the figure."""
    days = policy.course_by_id(course).valid_days
    return Cause(of, control, course, str(days or ""))


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


def at_most(of: BrakeOf, out_of: int, policy: Policy) -> int:
    """For how many a night may begin this without asking, of so many."""
    night = policy.night
    if of in LETTERS:
        number, share = night.letters_at_most, night.letters_share_at_most
    elif of in ACCOUNTS:
        number, share = night.accounts_at_most, night.accounts_share_at_most
    else:
        number, share = night.accesses_at_most, night.accesses_share_at_most
    return max(number, int(share * out_of))


def decide_brakes(
    found: Mapping[Cause, int],
    out_of: Mapping[BrakeOf, int],
    standing: Collection[Standing],
    policy: Policy,
    today: date,
) -> Steps:
    """Which causes of tonight are asked about, and which questions end, of those of the kinds in `out_of`.

    A question ends when its cause is within the brake again. It ends and is asked anew on the day until
    which it was held, and where what was let happen has grown by more than the brake allows.
    """
    over = {
        cause.key: cause
        for cause, count in found.items()
        if count > at_most(cause.of, out_of[cause.of], policy)
    }
    counts = {cause.key: count for cause, count in found.items()}
    names = {of.name.lower() for of in out_of}
    end, kept = [], set()
    for one in standing:
        if one.cause.partition("/")[0] not in names:
            continue
        cause = over.get(one.cause)
        held_out = one.answer is BrakeAnswer.HOLD and one.held_until is not None and one.held_until <= today
        if cause is None or held_out or _has_grown(one, counts[one.cause], cause, out_of, policy):
            end.append(one.id)
        else:
            kept.add(one.cause)
    return Steps(tuple(sorted(cause for key, cause in over.items() if key not in kept)), tuple(end))


def _has_grown(
    one: Standing, count: int, cause: Cause, out_of: Mapping[BrakeOf, int], policy: Policy
) -> bool:
    more = count - one.found
    return one.answer is BrakeAnswer.RELEASE and more > at_most(cause.of, out_of[cause.of], policy)


def let_everything_happen(policy: Policy) -> Policy:
    """The same policy with a brake that nothing is over: what is tried on a copy waits for nobody."""
    night = policy.night
    numbers = {name: sys.maxsize for name in type(night).model_fields if name.endswith("_at_most")}
    shares = {name: 1.0 for name in numbers if name.endswith("_share_at_most")}
    return policy.model_copy(update={"night": night.model_copy(update={**numbers, **shares})})
