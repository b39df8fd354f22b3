"""Rows of a roster that are of a record which was merged: read as those of the person who stayed."""

from collections.abc import Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.people import AlsoKnown, Person
from schemas.roster import RosterBundle, RosterPerson


async def merged_ids(session: AsyncSession) -> dict[str, str]:
    """The roster ids of merged records, and of the person whose they are."""
    asked = (
        select(AlsoKnown.source_id, Person.source_id)
        .join(Person, col(Person.id) == col(AlsoKnown.person_id))
        .where(col(AlsoKnown.source_id).is_not(None), col(Person.source_id).is_not(None))
    )
    return {str(merged): str(stays) for merged, stays in (await session.exec(asked)).all()}


def folded(bundle: RosterBundle, merged: Mapping[str, str]) -> RosterBundle:
    """The bundle with one row a person. Of two rows, the one of who stayed says what is so."""
    named = {one.source_id for one in bundle.people} | bundle.gone | bundle.passed_over
    if not merged.keys() & named:
        return bundle
    people: dict[str, RosterPerson] = {
        one.source_id: one for one in bundle.people if one.source_id not in merged
    }
    for one in bundle.people:
        stays = merged.get(one.source_id)
        if stays is not None and stays in people:
            also = (*people[stays].also, one.source_id)
            people[stays] = people[stays].model_copy(update={"also": also})
        elif stays is not None:
            people[stays] = one.model_copy(update={"source_id": stays})
    roles = (one.model_copy(update={"person": merged.get(one.person, one.person)}) for one in bundle.roles)
    return bundle.model_copy(
        update={
            "people": tuple(people.values()),
            "roles": tuple(dict.fromkeys(roles)),
            "gone": bundle.gone - merged.keys() - people.keys(),
            "passed_over": frozenset(merged.get(one, one) for one in bundle.passed_over) - people.keys(),
        }
    )
