"""Rows of a roster that are of a record which was merged: read as those of the person who stayed."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from schemas.people import AlsoKnown, Person
from schemas.roster import RosterBundle, RosterPerson
from tasks.store.session import Session


@dataclass(frozen=True)
class Merged:
    """Whose a merged record's id is: the id, names and address of who stayed; and its own address."""

    source_id: str
    given_name: str
    family_name: str
    email: str
    its_email: str

    def read(self, row: RosterPerson) -> RosterPerson:
        """A row of the merged record alone. With its own address in it, who stayed keeps theirs."""
        values = {"source_id": self.source_id}
        if row.email == self.its_email:
            values |= {"given_name": self.given_name, "family_name": self.family_name, "email": self.email}
        return row.model_copy(update=values)


async def merged_records(session: Session) -> dict[str, Merged]:
    """The roster ids of merged records, and the person whose they are."""
    asked = (
        select(AlsoKnown, Person)
        .join(Person, col(Person.id) == col(AlsoKnown.person_id))
        .where(col(AlsoKnown.source_id).is_not(None), col(Person.source_id).is_not(None))
    )
    return {
        str(merged.source_id): Merged(
            str(stays.source_id), stays.given_name, stays.family_name, stays.email, merged.email
        )
        for merged, stays in (await session.exec(asked)).all()
    }


def folded(bundle: RosterBundle, records: Mapping[str, Merged]) -> RosterBundle:
    """The bundle with one row a person. Of two rows, the one of who stayed says what is so."""
    merged = {key: one.source_id for key, one in records.items()}
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
            people[stays] = records[one.source_id].read(one)
    roles = (one.model_copy(update={"person": merged.get(one.person, one.person)}) for one in bundle.roles)
    return bundle.model_copy(
        update={
            "people": tuple(people.values()),
            "roles": tuple(dict.fromkeys(roles)),
            "gone": bundle.gone - merged.keys() - people.keys(),
            "passed_over": frozenset(merged.get(one, one) for one in bundle.passed_over) - people.keys(),
        }
    )
