"""Which words of a form are the policy's, and whether it has them. Pure."""

from typing import Any

from policy.identity import named
from policy.incidents import breakable
from policy.leave import leave_controls
from policy.model import Policy
from policy.model.checks import nearest
from schemas.errors import BadInput, LooksLikeASecret
from schemas.forms import ActForm, OneOf, is_vault_reference
from schemas.language import half


def choices(policy: Policy, entries: str) -> tuple[str, ...]:
    """The ids of one of the policy's lists, in its order."""
    if entries == "vaults":
        return ()  # an entry of one is given, not its name
    if entries == "broken":
        return breakable(policy)
    if entries == "leaves":
        return tuple(one.name for one in leave_controls(policy))
    if entries == "controls":
        return tuple(one.name for one in policy.controls)
    return tuple(one.name if entries == "platforms" else one.id for one in getattr(policy, entries))


def list_of(metadata: list[Any]) -> str | None:
    """Which list of the policy a form's field speaks of; None for one that is free."""
    return next((one.entries for one in metadata if isinstance(one, OneOf)), None)


def vault_advice(policy: Policy) -> str:
    """How a vault reference is written, as half a sentence. What was given is not said."""
    named = " or ".join(f"{one}/…" for one in policy.secrets.vaults)
    return half(
        "this names no entry of a vault: write op://…, bw://… or {named} with the entry's name, and "
        "never the password itself",
        named=named,
    )


def refuse_unknown(form: ActForm, policy: Policy) -> None:
    """Raises BadInput for every word that the policy does not have, with the nearest one and the list."""
    said, wrong = [], dict[str, str]()
    for name, field in type(form).model_fields.items():
        if (entries := list_of(field.metadata)) is None:
            continue
        if entries == "vaults":
            if (value := getattr(form, name)) and not is_vault_reference(value, policy.secrets.vaults):
                advice = vault_advice(policy)
                raise LooksLikeASecret(f"{field.title}: {advice}.", fields={name: advice})
            continue
        value, known = getattr(form, name), choices(policy, entries)
        for word in value if isinstance(value, tuple) else (value,):
            if word and word not in known:
                same = named(policy.platforms, word) if entries == "platforms" else None
                hint = half(" (it is {name} here)", name=same.name) if same else nearest(word, known)
                why = half("none of the policy's words{hint}: {known}", hint=hint, known=", ".join(known))
                said.append(f"{field.title}: {why}")
                wrong.setdefault(name, why)
    if said:
        raise BadInput("; ".join(said) + ".", fields=wrong)
