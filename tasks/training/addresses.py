"""Whose an address is, and which addresses are passed over, when completions come in."""

from collections.abc import Callable

from sqlalchemy import select
from sqlmodel import col

from policy.identity import forgotten_key
from schemas.gates import UnmatchedRow
from schemas.people import AlsoKnown, Person
from tasks.files.own_key import forgotten_secret
from tasks.store.import_runs import STRANGERS, all_remembered
from tasks.store.session import Session


async def people_by_address(session: Session) -> dict[str, int]:
    """Everybody by address: their own, that of a merged record, or one that somebody settled to be theirs."""
    settled = await session.run(
        select(col(UnmatchedRow.email), col(UnmatchedRow.settled_person_id)).where(
            col(UnmatchedRow.settled_person_id).is_not(None), col(UnmatchedRow.email) != ""
        )
    )
    theirs: dict[str, set[int]] = {}
    for row in settled:
        theirs.setdefault(row.email, set()).add(row.settled_person_id)
    also = await session.run(select(col(AlsoKnown.email), col(AlsoKnown.person_id)))
    people = {row.email: row.person_id for row in also}
    people |= {email: min(ids) for email, ids in theirs.items() if len(ids) == 1}
    rows = await session.run(select(col(Person.email), col(Person.id)))
    return people | {row.email: row.id for row in rows}


async def passed_over_by(session: Session) -> Callable[[str], bool]:
    """Whether an address is of a mail domain that is none of ours, or of somebody who was forgotten."""
    domains = await all_remembered(session, STRANGERS)
    found = await session.run(select(col(Person.forgotten_key)).where(col(Person.forgotten_key).is_not(None)))
    keys = set(found.scalars())
    secret = forgotten_secret() if keys else b""
    return lambda email: (
        email.rpartition("@")[2] in domains or (bool(keys and email) and forgotten_key(email, secret) in keys)
    )
