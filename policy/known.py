"""Which words of a form are the policy's, and whether it has them. Pure."""

from typing import Any

from policy.identity import named
from policy.model import Policy
from policy.model.checks import nearest
from schemas.errors import BadInput
from schemas.forms import ActForm, OneOf


def choices(policy: Policy, entries: str) -> tuple[str, ...]:
    """The ids of one of the policy's lists, in its order."""
    return tuple(one.name if entries == "platforms" else one.id for one in getattr(policy, entries))


def list_of(metadata: list[Any]) -> str | None:
    """Which list of the policy a form's field speaks of; None for one that is free."""
    return next((one.entries for one in metadata if isinstance(one, OneOf)), None)


def refuse_unknown(form: ActForm, policy: Policy) -> None:
    """Raises BadInput for every word that the policy does not have, with the nearest one and the list."""
    said = []
    for name, field in type(form).model_fields.items():
        if (entries := list_of(field.metadata)) is None:
            continue
        value, known = getattr(form, name), choices(policy, entries)
        for word in value if isinstance(value, tuple) else (value,):
            if word and word not in known:
                same = named(policy.platforms, word) if entries == "platforms" else None
                hint = f" (it is {same.name} here)" if same else nearest(word, known)
                said.append(f"{field.title}: none of the policy's words{hint}: {', '.join(known)}")
    if said:
        raise BadInput("; ".join(said) + ".")
