"""What two policies say otherwise, in the words of the file; and what no new file may say. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policy.model.checks import Problem
from policy.model.whole import Policy
from schemas.language import half

#: What tells the entries of a list apart, the first that all of them have and none shares.
_NAMED_BY = ("as", "id", "kind", "mode", "platform", "name")


@dataclass(frozen=True)
class Difference:
    """One place in which two policies differ. None where it does not stand in one of them."""

    where: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.where}: new, {self.after}"
        if self.after is None:
            return f"{self.where}: taken out, was {self.before}"
        return f"{self.where}: {self.before} → {self.after}"


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """Every place in which they differ, in the order of the file. Comments are no difference."""
    return tuple(_differ("", _plain(before), _plain(after)))


def _plain(policy: Policy) -> Any:
    return policy.model_dump(mode="json", by_alias=True)


def _differ(where: str, old: Any, new: Any) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*old, *(one for one in new if one not in old)):
            yield from _differ(f"{where}.{key}" if where else key, old.get(key), new.get(key))
    elif (named := _by_name(old, new)) is not None:
        for name, (one, other) in named.items():
            yield from _differ(f"{where}[{name}]", one, other)
        orders = [[name for name in _names(one) if None not in named[name]] for one in (old, new)]
        if orders[0] != orders[1]:
            yield Difference(f"{where}, their order", *(", ".join(one) for one in orders))
    else:
        yield Difference(where, _said(old), _said(new))


def _by_name(old: Any, new: Any) -> dict[str, tuple[Any, Any]] | None:
    """The entries of two lists side by side, by what names them; None where nothing does."""
    if not (_is_list_of_tables(old) and _is_list_of_tables(new)):
        return None
    key = _key(old, new)
    if key is None:
        return None
    olds, news = ({str(one[key]): one for one in entries} for entries in (old, new))
    names = dict.fromkeys((*olds, *news))
    return {name: (olds.get(name), news.get(name)) for name in names}


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _key(*lists: list[dict[str, Any]]) -> str | None:
    return next((key for key in _NAMED_BY if all(_tells_apart(key, one) for one in lists)), None)


def _tells_apart(key: str, entries: list[dict[str, Any]]) -> bool:
    found = [one.get(key) for one in entries]
    return None not in found and len(set(map(str, found))) == len(found)


def _names(entries: list[dict[str, Any]]) -> list[str]:
    key = _key(entries)
    return [] if key is None else [str(one[key]) for one in entries]


def _said(value: Any) -> str | None:
    """A value as JSON; a whole table by its name and what it holds."""
    return None if value is None else json.dumps(value, ensure_ascii=False)


def reworded(policy: Policy, earlier: Sequence[Policy]) -> tuple[Problem, ...]:
    """Versions that the file uses again for other words than those that were adopted under them.

    A version stands with what people decide, acknowledge and accept: it must mean one text for ever.
    """
    return tuple(dict.fromkeys(one for before in earlier for one in _reworded(policy, before)))


def _reworded(policy: Policy, before: Policy) -> Iterator[Problem]:
    for section, named in (("texts", "id"), ("checklists", "platform"), ("notices", "id")):
        adopted = {(getattr(one, named), one.version): _words(one) for one in getattr(before, section)}
        for number, entry in enumerate(getattr(policy, section)):
            words = adopted.get((getattr(entry, named), entry.version))
            if words is not None and words != _words(entry):
                said = half("other words were adopted under it: give these a new version")
                yield Problem((section, number, "version"), said)
    same = policy.document.version == before.document.version  # by it alone people tell one from another
    if same and _plain(policy) != _plain(before):
        said = half("it was adopted with other content: give this a new version")
        yield Problem(("policy", "version"), said)


def _words(entry: Any) -> Any:
    """What people read of a text, a checklist or a notice. Where it stands is no word of it."""
    said = entry.model_dump(mode="json", include={"text", "points", "replies", "items", "statements"})
    for item in said.get("items", ()):
        item.pop("where", None)  # platforms move their settings; what is to be set stays the same
    return said
