"""How people stand to an account: whether they are here, and hold the office that it needs."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from policy.controls.administrators import Administrators
from policy.model import Policy
from policy.selects import runs_on
from schemas.facts import Candidate
from schemas.people import Designation, Person, Role
from schemas.words import PersonKind
from tasks.store.given import IDS, TODAY, among
from tasks.store.session import Session


@dataclass(frozen=True)
class Group:
    """People who are to administer one account, of that level and at that school; None: there is none yet."""

    people: tuple[int, ...]
    level: str
    school_id: int | None
    account_id: int | None


_PEOPLE = select(col(Person.id), col(Person.active), col(Person.kind)).where(among(col(Person.id), IDS))
#: The offices of these kinds that people hold today.
_HELD = select(col(Role.person_id), col(Role.kind), col(Role.school_id)).where(
    among(col(Role.person_id), IDS),
    among(col(Role.kind), "kinds"),
    runs_on(Role, TODAY),
)
#: For which accounts they are designated today; none named is all.
_DESIGNATED = select(col(Designation.person_id), col(Designation.account_id)).where(
    among(col(Designation.person_id), IDS),
    runs_on(Designation, TODAY),
)


async def candidates(
    session: Session, groups: Collection[Group], policy: Policy, today: date
) -> list[Mapping[int, Candidate]]:
    """Of each group the people by id, each with whether they hold on `today` the office that it needs."""
    needed = {one.level: policy.applying(Administrators, level=one.level) for one in groups}
    of_people = {"ids": sorted({person for one in groups for person in one.people}), "today": today}
    rows = {row.id: row for row in await session.run(_PEOPLE, of_people)}
    kinds = sorted({each.office for some in needed.values() for each in some if each.office is not None})
    held, designated = (
        defaultdict[int, set[tuple[str, int | None]]](set),
        defaultdict[int, set[int | None]](set),
    )
    if kinds:
        for row in await session.run(_HELD, {**of_people, "kinds": kinds}):
            held[row.person_id].add((row.kind, row.school_id))
    if any(each.or_designated for some in needed.values() for each in some):
        for one in await session.run(_DESIGNATED, of_people):
            designated[one.person_id].add(one.account_id)

    def holds(person: int, group: Group) -> bool:
        for each in needed[group.level]:
            if each.office is not None:
                at = group.school_id if policy.office(each.office).at == "school" else None
                if (each.office, at) in held[person]:
                    return True
            if each.or_designated and designated[person] & {None, group.account_id}:
                return True
        return False

    return [
        {
            row.id: Candidate(row.id, row.active, PersonKind(row.kind), holds(row.id, group))
            for row in (rows[one] for one in group.people if one in rows)
        }
        for group in groups
    ]
