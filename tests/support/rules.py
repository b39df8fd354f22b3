"""The controls of the shipped policy by name, and what tests ask of a policy that has one of a kind."""

from policy.controls.display import Display
from policy.controls.text_acknowledged import TextAcknowledged
from policy.model import Notice, Policy, load
from schemas.settings import ROOT

RULES = {rule.name: rule for rule in load(ROOT / "policy" / "ap151.toml").rules()}


def the_notice(policy: Policy) -> Notice:
    """The notice of the policy's first control of the kind."""
    return policy.notice_by_id(policy.the(Display).notice)


def acknowledged(policy: Policy, name: str) -> TextAcknowledged:
    """The control of that name, which asks for texts to be acknowledged."""
    found = policy.control(name)
    assert isinstance(found, TextAcknowledged)
    return found
