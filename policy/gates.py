"""The gates before access: each course and each text that the controls of an account's level ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Course, Policy, Text
from schemas.errors import BadInput
from schemas.words import ChannelKind, ItemKind


class Reached(Protocol):
    """What access is to: the level and the channel of an account."""

    @property
    def level(self) -> str: ...  # noqa: D102
    @property
    def channel(self) -> ChannelKind: ...  # noqa: D102


class Stands(Reached, Protocol):
    """How a person stands with the gates of one account."""

    @property
    def training_required(self) -> bool | None: ...  # noqa: D102
    @property
    def completions(self) -> Mapping[str, date]: ...  # noqa: D102
    @property
    def acknowledged(self) -> frozenset[tuple[str, str]]: ...  # noqa: D102
    @property
    def accepted(self) -> frozenset[tuple[str, str]]: ...  # noqa: D102


@dataclass(frozen=True)
class Gate:
    """One thing to do before access: a course to complete, or a text to acknowledge in its present version.

    `control`: the name of what asks for it. `what`: the id of the course or the text; `version`, of a text.
    """

    control: str
    kind: ItemKind
    what: str
    version: str = ""


#: The kinds of item that ask for a gate, in the order to do them, and what asks for a text.
TEXT_KINDS = {"person": ItemKind.ACKNOWLEDGE_GUIDELINES, "account": ItemKind.ACCEPT_RESPONSIBILITY}


def text_gates(account: Reached, policy: Policy) -> tuple[Gate, ...]:
    """The texts to acknowledge for an account: first those once a person, then those once an account."""
    level, channel = account.level, account.channel
    return policy.once(
        ("text gates", level, channel),
        lambda: tuple(
            Gate(one.name, kind, text, policy.text(text).version)
            for each, kind in TEXT_KINDS.items()
            for one in policy.applying(TextAcknowledged, level=level)
            if one.each == each
            for text in one.texts
            if policy.text(text).is_for(channel)
        ),
    )


def course_gates(account: Stands, policy: Policy) -> tuple[Gate, ...]:
    """The courses that this account asks its people for; one that two controls ask for, once."""
    level, required = account.level, account.training_required

    def gates_of_courses() -> tuple[Gate, ...]:
        found = {
            one.course: Gate(one.name, ItemKind.COMPLETE_COURSE, one.course)
            for one in reversed(policy.applying(TrainingBeforeAccess, level=level))
            if one.is_required(required)
        }
        return tuple(reversed(found.values()))

    return policy.once(("course gates", level, required), gates_of_courses)


def is_current(course: Course, completed_on: date | None, today: date) -> bool:
    """Whether a completion of that day counts on `today`: through the last day of its validity."""
    return completed_on is not None and completed_on >= course.counts_from(today)


def lacking(access: Stands, policy: Policy, today: date) -> tuple[Gate, ...]:
    """What the person still has to do for this account on `today`, in the order to do it."""
    done = {
        ItemKind.ACKNOWLEDGE_GUIDELINES: access.acknowledged,
        ItemKind.ACCEPT_RESPONSIBILITY: access.accepted,
    }
    texts_left = (
        gate for gate in text_gates(access, policy) if (gate.what, gate.version) not in done[gate.kind]
    )
    courses_left = (
        gate
        for gate in course_gates(access, policy)
        if not is_current(policy.course_by_id(gate.what), access.completions.get(gate.what), today)
    )
    return (*texts_left, *courses_left)


def text_control(policy: Policy, text: str) -> str:
    """The name of the first control that asks to acknowledge this text; empty where none does."""
    return next((one.name for one in policy.of(TextAcknowledged) if text in one.texts), "")


def texts(policy: Policy, account: Reached, each: Literal["person", "account"]) -> tuple[Text, ...]:
    """What comes before access to an account: acknowledged once a person, or accepted once an account."""
    kind = TEXT_KINDS[each]
    return tuple(policy.text(gate.what) for gate in text_gates(account, policy) if gate.kind is kind)


def is_gate(name: str | None, policy: Policy) -> bool:
    """Whether a person meets a control by own doing: access suspended for it comes back by itself."""
    return name in gates(policy)


def gates(policy: Policy) -> tuple[str, ...]:
    """The names of the controls that a person meets by own doing."""
    return tuple(one.name for one in (*policy.of(TrainingBeforeAccess), *policy.of(TextAcknowledged)))


def course_meant(policy: Policy, course: str | None = None) -> Course:
    """The course of that id; the only one that a control asks for, where none is named.

    Raises BadInput where the policy asks for several, or for none.
    """
    asked = tuple(dict.fromkeys(one.course for one in policy.of(TrainingBeforeAccess)))
    if course is None and len(asked) != 1:
        raise BadInput(f"Say which course: {', '.join(asked) or 'the policy asks for none'}.")
    return policy.course_by_id(course or asked[0])
