"""The contact reports that somebody may see, without what they say: to read one is an act, and recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from policy.model import Policy
from schemas.contacts import ContactReport
from schemas.words import Via
from tasks.acts.context import ActContext
from tasks.contacts.sharing import sees
from tasks.store.audit import Actor
from tasks.store.session import Session


@dataclass(frozen=True)
class SharedContact:
    """One report, and who shared it. `own`: the reader did, and may take it back."""

    report: int
    person: int
    happened_on: date
    seen: bool
    own: bool
    delete_on: date


async def contacts_for(
    session: Session, policy: Policy, person: int, now: datetime
) -> Sequence[SharedContact]:
    """Those that the person may see at this moment, the newest first."""
    context = ActContext(session, policy, policy.calendar, Actor(person, Via.PORTAL), now)
    rows = (await session.exec(select(ContactReport).order_by(col(ContactReport.id).desc()))).all()
    return [
        SharedContact(
            one.id or 0,
            one.person_id,
            one.happened_on,
            one.seen_at is not None,
            one.person_id == person,
            one.delete_on,
        )
        for one in rows
        if await sees(context, one) is not None
    ]
