"""Which words the fields of a form may hold under this installation's policy: for help and for run forms."""

from functools import cache

from pydantic.fields import FieldInfo

from policy.known import choices, list_of
from policy.model import Policy, parse
from schemas.errors import StewardError
from schemas.settings import load as load_settings
from tasks.store import adopted


@cache
def _policy() -> Policy | None:
    """The policy, once a process; None where it can't be read. Whoever hands the form in is told why."""
    try:
        return parse(*adopted.text_now(load_settings()))
    except StewardError:
        return None


def field_help(field: FieldInfo) -> str:
    """What there is to know of those words, as the end of the field's help; empty where they say it all.

    Of tools, what each is for: so that whoever asks for an account sees which of them serves. Of grounds to
    take something down, what each means.
    """
    entries = list_of(field.metadata)
    policy = _policy() if entries in {"tools", "grounds"} else None
    if policy is None:
        return ""
    if entries == "tools":
        return " ".join(f"{one.id}: {one.what}" for one in policy.tools)
    return " ".join(f"{one.id}: {one.text}" for one in policy.grounds)


def field_choices(field: FieldInfo) -> tuple[str, ...]:
    """The words of the policy's list that the field speaks of; none for a field that is free."""
    entries = list_of(field.metadata)
    policy = _policy() if entries is not None else None
    return () if policy is None or entries is None else choices(policy, entries)
