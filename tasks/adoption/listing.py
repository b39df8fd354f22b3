"""Adopted policies as a list, and whether the file on the machine still says what is used."""

from dataclasses import dataclass
from datetime import datetime

from policy.model import differences, parse, text_of
from schemas.errors import BadPolicy
from schemas.people import Person
from schemas.settings import Settings
from tasks.runtime import Runtime
from tasks.store import Store, adopted, lookup


@dataclass(frozen=True)
class ListedPolicy:
    """An adopted policy as a line of a list. `by` is empty where a start took over the file it found."""

    number: int
    version: str
    adopted_at: datetime
    by: str
    used: bool


async def list_adopted(store: Store) -> tuple[ListedPolicy, ...]:
    """Every adopted policy, the newest first."""
    async with store.read() as session:
        found = await adopted.every(session)
        people = {one.adopted_by_id for one in found if one.adopted_by_id is not None}
        names = {number: (await lookup.by_id(session, Person, number)).name for number in people}
    return tuple(
        ListedPolicy(one.id, one.version, one.adopted_at, names.get(one.adopted_by_id or 0, ""), place == 0)
        for place, one in enumerate(found)
    )


async def file_differs(runtime: Runtime) -> str:
    """A sentence where the file of the settings says otherwise than what is used; empty where not."""
    used = await adopted.used(runtime.store, runtime.settings.policy_file)
    if used.path == runtime.settings.policy_file:
        return ""
    return _said(runtime.settings, used.text, runtime)


def _said(settings: Settings, used: str, runtime: Runtime) -> str:
    file = settings.policy_file
    try:
        text = text_of(file)
        if text == used or not differences(runtime.policy.as_filed, parse(text, file)):
            return ""
    except BadPolicy:
        return (
            f"The policy file {file.name} can't be used; the adopted policy still is: "
            f"`steward policy check {file}`."
        )
    return (
        f"The policy file {file.name} says otherwise than the adopted policy, and does not count yet: "
        f"`steward policy diff {file}`."
    )
