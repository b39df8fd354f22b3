"""The outbox table: who may take which notices when, and what became of them. Short transactions only.

While a notice is being handed over, alone or in a small group, its row says `uncertain`; only a definite
outcome takes that back. So nobody has to work out where a sender was when it died: its lease ends, and the
next copy is marked.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, case, func, or_, select, text, update
from sqlmodel import col
from sqlmodel import select as select_rows

from policy.calendar import Calendar
from policy.notices import KINDS
from schemas.columns import table_of
from schemas.machinery import Notice
from schemas.notices import NoticeState, Urgency
from schemas.people import Person, School
from tasks.mail.messages import DeliveryResult, Message, as_messages, digest_key
from tasks.mail.mime import message_id
from tasks.store.session import Session

log = structlog.get_logger("steward.mail")

#: PostgreSQL advisory lock: one sender at a time chooses, so that a person's digest is never made twice.
CHOICE_LOCK = 0x57E_A11


_FREE: Mapping[str, Any] = {"state": NoticeState.PENDING, "lease_owner": None, "lease_until": None}


@dataclass(frozen=True)
class Leased:
    """What one sender took. `held` were due, but not at this hour or not on this day."""

    messages: tuple[Message, ...]
    held: int = 0


async def _changed(session: Session, where: ColumnElement[bool], values: Mapping[str, Any]) -> int:
    result = await session.run(update(table_of(Notice)).where(where).values(**values))
    return int(result.rowcount)


def _due(now: datetime, *urgencies: Urgency) -> ColumnElement[bool]:
    return and_(
        col(Notice.state) == NoticeState.PENDING,
        col(Notice.not_before) <= now,
        col(Notice.urgency).in_(urgencies),
    )


async def lease(
    session: Session,
    calendar: Calendar,
    *,
    now: datetime,
    worker: str,
    seconds: int,
    limit: int,
    domain: str,
    letters_a_day: int,
) -> Leased:
    """Take up to `limit` letters and digests that may leave now, for `seconds`.

    Gives back first what a dead sender held. Not urgent ones outside working hours are put off to the
    next working moment, even where `not_before` has passed: the server may have been down until now. What
    comes for a person beyond `letters_a_day` is in their digest.
    """
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHOICE_LOCK})
    await _changed(
        session,
        and_(col(Notice.state) == NoticeState.SENDING, col(Notice.lease_until) < now),
        _FREE,
    )
    held = await _hold_for_working_hours(session, calendar, now)
    await _gather_floods(session, calendar, now, letters_a_day)
    held += await _hold_second_digests(session, calendar, now, domain)
    taken = await _choose(session, now, limit)
    made = as_messages(taken, calendar.today(now))[:limit]
    ids = [number for message in made for number in message.ids]
    if ids:
        await _changed(
            session,
            col(Notice.id).in_(ids),
            {
                "state": NoticeState.SENDING,
                "lease_owner": worker,
                "lease_until": now + timedelta(seconds=seconds),
            },
        )
    return Leased(tuple(made), held)


async def _hold_for_working_hours(session: Session, calendar: Calendar, now: datetime) -> int:
    """Put off what must not leave at this hour or on this day; the division office has days of its own."""
    at_office = (
        select(col(Person.id))
        .join(School, col(School.id) == col(Person.school_id))
        .where(col(School.is_division))
    )
    held = 0
    for office, theirs in (
        (False, col(Notice.person_id).not_in(at_office)),
        (True, col(Notice.person_id).in_(at_office)),
    ):
        if calendar.next_working_moment(now, office=office) <= now:
            continue
        later = {
            Urgency.NORMAL: calendar.next_working_moment(now, office=office),
            Urgency.LOW: calendar.digest_moment(now, office=office),
        }
        for urgency, moment in later.items():
            held += await _changed(session, and_(_due(now, urgency), theirs), {"not_before": moment})
    return held


async def _gather_floods(session: Session, calendar: Calendar, now: datetime, letters_a_day: int) -> int:
    """What would be more than so many letters of an urgency to a person today goes into a digest; how many.

    Not urgent ones that wait together are one letter. One of which a copy may have arrived leaves as it did.
    What must be answered by an hour, or goes to a former address, is outside the limit, and does not count.
    """
    midnight = datetime.combine(calendar.today(now), time(), calendar.zone)
    moved = 0
    counts = col(Notice.kind).not_in([kind for kind, one in KINDS.items() if one.leaves_alone])
    for urgency in (Urgency.URGENT, Urgency.NORMAL):
        waiting = and_(_due(now, urgency), ~col(Notice.uncertain), counts)
        left = and_(
            col(Notice.urgency) == urgency,
            counts,
            or_(
                col(Notice.state) == NoticeState.SENDING,
                and_(col(Notice.state) == NoticeState.SENT, col(Notice.sent_at) >= midnight),
            ),
        )
        letters = func.count(case((left, func.coalesce(col(Notice.message_id), col(Notice.key)))).distinct())
        wait = func.count(case((waiting, col(Notice.id))))
        too_many = letters + (wait if urgency is Urgency.URGENT else 1) > letters_a_day
        counted = await session.run(
            select(col(Notice.person_id), letters)
            .where(or_(waiting, left))
            .group_by(col(Notice.person_id))
            .having(and_(wait > 0, too_many))
        )
        for person, had in counted.all():
            late = (
                select(col(Notice.id))
                .where(waiting, col(Notice.person_id) == person)
                .order_by(col(Notice.not_before), col(Notice.id))
                .offset(max(0, letters_a_day - had))
            )
            moved += await _changed(session, col(Notice.id).in_(late), {"urgency": Urgency.LOW})
    if moved:
        log.warning("letters gathered", notices=moved, most=letters_a_day)
    return moved


async def _hold_second_digests(session: Session, calendar: Calendar, now: datetime, domain: str) -> int:
    """A person's digest of today has left, is leaving, or may have: what came since waits for the next."""
    today = calendar.today(now)
    midnight = datetime.combine(today, time(), calendar.zone)
    tomorrow = datetime.combine(today + timedelta(days=1), time(), calendar.zone)
    low = col(Notice.urgency) == Urgency.LOW
    had = await session.run(
        select(col(Notice.person_id))
        .where(
            low,
            (col(Notice.state) == NoticeState.SENDING)
            | and_(col(Notice.state) == NoticeState.SENT, col(Notice.sent_at) >= midnight),
        )
        .distinct()
    )
    may_have = await session.run(
        select(col(Notice.person_id), col(Notice.message_id))
        .where(low, col(Notice.state) == NoticeState.PENDING, col(Notice.uncertain))
        .distinct()
    )
    people = {
        *had.scalars(),
        *(one for one, sent in may_have if sent == message_id(digest_key(one, today), domain)),
    }
    if not people:
        return 0
    fresh = and_(_due(now, Urgency.LOW), col(Notice.person_id).in_(people), ~col(Notice.uncertain))
    return await _changed(session, fresh, {"not_before": calendar.digest_moment(tomorrow)})


async def _choose(session: Session, now: datetime, limit: int) -> list[Notice]:
    """Letters up to the limit, urgent and old ones first; then whole digests, never a part of one."""
    order = case((col(Notice.urgency) == Urgency.URGENT, 0), else_=1)
    letters = await session.exec(
        select_rows(Notice)
        .where(_due(now, Urgency.URGENT, Urgency.NORMAL))
        .order_by(order, col(Notice.not_before), col(Notice.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    chosen = list(letters)
    if len(chosen) >= limit:
        return chosen
    people = (
        await session.run(
            select(col(Notice.person_id))
            .where(_due(now, Urgency.LOW))
            .distinct()
            .order_by(col(Notice.person_id))
            .limit(limit - len(chosen))
        )
    ).scalars()
    digests = await session.exec(
        select_rows(Notice)
        .where(_due(now, Urgency.LOW), col(Notice.person_id).in_(list(people)))
        .order_by(col(Notice.person_id), col(Notice.id))
        .with_for_update(skip_locked=True)
    )
    return [*chosen, *digests]


async def step(
    session: Session,
    *,
    worker: str,
    finished: Sequence[DeliveryResult],
    begins: Mapping[int, str],
    until: datetime,
    renew: bool,
) -> frozenset[int]:
    """Note what became of the last mails, and which are being handed over now, in one transaction.

    `begins` has the Message-ID under which each notice leaves; their lease lasts until `until`, and with
    `renew` that of everything this sender still holds. Gives the notices of `begins` that it does hold:
    the lease of any other was lost.
    """
    mine = and_(col(Notice.state) == NoticeState.SENDING, col(Notice.lease_owner) == worker)
    await _note(session, mine, finished)
    if not begins:
        return frozenset()
    if renew:
        await _changed(session, mine, {"lease_until": until})
    table = table_of(Notice)
    marked = await session.run(
        update(table)
        .where(mine, table.c.id.in_(begins))
        .values(
            attempts=table.c.attempts + 1,
            uncertain=True,
            message_id=case(begins, value=table.c.id),
            lease_until=until,
        )
        .returning(table.c.id)
    )
    return frozenset(marked.scalars())


async def _note(session: Session, mine: ColumnElement[bool], finished: Sequence[DeliveryResult]) -> None:
    """One statement for all notices with the same result."""
    alike: dict[tuple[tuple[tuple[str, Any], ...], bool, bool], list[int]] = defaultdict(list)
    for result in finished:
        values = tuple(result.values.items())
        for number in result.ids:
            alike[values, number in result.certain_again, result.not_handed_over].append(number)
    for (values, certain, not_handed_over), ids in alike.items():
        changes = dict(values)
        if certain:
            changes["uncertain"] = False
        if not_handed_over:
            changes["attempts"] = col(Notice.attempts) - 1
        await _changed(session, and_(mine, col(Notice.id).in_(ids)), changes)


async def doubt_all(session: Session) -> int:
    """Each notice that waits may have left already, as after a restore: its next copy says so. How many."""
    waits = col(Notice.state).in_((NoticeState.PENDING, NoticeState.SENDING))
    done = await session.run(
        update(Notice)
        .where(waits)
        .values(state=NoticeState.PENDING, uncertain=True, lease_owner=None, lease_until=None)
    )
    return done.rowcount


async def give_back(session: Session, workers: Sequence[str]) -> int:
    """What senders that are known to be dead held waits again, and need not wait for their leases to end.

    What was under way keeps its mark: it may have arrived. How many notices there were.
    """
    return await _changed(
        session,
        and_(col(Notice.state) == NoticeState.SENDING, col(Notice.lease_owner).in_(workers)),
        _FREE,
    )


async def release(session: Session, ids: Sequence[int], *, now: datetime) -> int:
    """Let parked notices leave after all, once a person has mended what kept them; how many there were."""
    return await _changed(
        session,
        and_(col(Notice.state) == NoticeState.PARKED, col(Notice.id).in_(ids)),
        {"state": NoticeState.PENDING, "not_before": now, "attempts": 0, "last_error": None},
    )
