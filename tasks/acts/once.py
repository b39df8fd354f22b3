"""A form that is handed in twice is recorded once: a run that Prefect retries, a page that is sent again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from schemas.machinery import HandedIn
from schemas.outcome import Subject
from schemas.receipt import Receipt
from tasks.store.session import Session


async def handed_in(session: Session, key: str, zone: ZoneInfo) -> Receipt | None:
    """What was recorded under this key, and when, in the zone; None where nothing was."""
    before = await session.get(HandedIn, key)
    if before is None:
        return None
    at = before.at.astimezone(zone)
    return Receipt(
        Subject(before.subject_kind, before.subject_id),
        before.state,
        f"This was recorded already, at {at:%Y-%m-%d %H:%M}. Nothing is recorded twice: "
        "what was changed after that is not in it.",
    )


@dataclass(frozen=True)
class Since:
    """Something that was recorded, when, and about what. `form`: the name of its form."""

    form: str
    at: datetime
    about: Subject


async def recorded_since(session: Session, forms: Collection[str], since: datetime) -> Sequence[Since]:
    """What was recorded by these forms after a moment, by whomever, from a page or a run's form."""
    asked = select(HandedIn).where(col(HandedIn.act).in_(forms), col(HandedIn.at) > since)
    return [
        Since(one.act, one.at, Subject(one.subject_kind, one.subject_id))
        for one in (await session.exec(asked)).all()
    ]


def keep_key(session: Session, key: str, act: str, done: Receipt, now: datetime) -> None:
    """Note that this was recorded under the key, in the same transaction. Only within `Store.write()`."""
    about = done.subject
    session.add(
        HandedIn(key=key, act=act, at=now, subject_kind=about.kind, subject_id=about.id, state=done.state)
    )
