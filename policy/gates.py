"""Which control asks for which gate before access: the course, and the texts to acknowledge."""

from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.model import Policy
from schemas.words import ItemKind


def training(level: str, policy: Policy) -> str:
    """The name of the control that asks for the course before access to accounts of this level."""
    return policy.name_of(TrainingBeforeAccess, level=level)


def text_control(policy: Policy, each: str) -> str:
    """The name of the control whose texts are acknowledged once a "person", or once an "account"."""
    return next((one.name for one in policy.of(TextAcknowledged) if one.each == each), "")


def asked_by(kind: ItemKind, level: str, policy: Policy) -> str:
    """The name of the control that asks for one kind of gate before access to accounts of this level."""
    if kind is ItemKind.COMPLETE_COURSE:
        return training(level, policy)
    return text_control(policy, "person" if kind is ItemKind.ACKNOWLEDGE_GUIDELINES else "account")


def is_gate(name: str | None, policy: Policy) -> bool:
    """Whether a person meets a control by own doing: access suspended for it comes back by itself."""
    return name in gates(policy)


def gates(policy: Policy) -> tuple[str, ...]:
    """The names of the controls that a person meets by own doing."""
    return tuple(one.name for one in (*policy.of(TrainingBeforeAccess), *policy.of(TextAcknowledged)))
