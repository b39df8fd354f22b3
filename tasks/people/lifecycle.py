"""Who left long ago is forgotten: said to who keeps the policy first, and done on the day that was said."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlmodel import col

from policy.authority import policy_office
from policy.notices.people import PeopleToForget
from policy.roster import GONE
from schemas.machinery import AuditEntry
from schemas.outcome import Outcome, Subject, Tell
from schemas.people import Person
from schemas.words import SubjectKind
from tasks.cases import Case, Only
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.people.forgetting import forget, what_they_hold
from tasks.runtime import Runtime
from tasks.store import audit
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.session import Session

#: People of one letter.
TOGETHER = 100


async def due_to_announce(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """Those of whom it is to be said now that they will be forgotten; none for one account alone."""
    terms = runtime.policy.retention
    if only is not None or terms is None:
        return ()
    today = runtime.policy.calendar.today(now)
    before = today - timedelta(days=terms.forgotten_days_after_leaving - terms.announced_days_before)
    async with runtime.store.read() as session:
        left = await _left(session, runtime, announced=False)
        ids = [one for one, day in sorted(left.items()) if day <= before]
        free = [one for one in ids if not await _holds_something(session, one, today)]
    return tuple(
        Case("people who left", tuple(free[start : start + TOGETHER]))
        for start in range(0, len(free), TOGETHER)
    )


async def announce(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Say to who keeps the policy who is forgotten, and on which day: never sooner than the policy says."""
    policy, terms = runtime.policy, runtime.policy.retention
    if terms is None:
        return ()
    calendar = policy.calendar
    today = calendar.today(now)
    async with runtime.store.write() as session:
        left = await _left(session, runtime, announced=False)
        ids = tuple(one for one in case.ids if one in left)
        if not ids:
            return ()
        latest = max(left[one] for one in ids) + timedelta(days=terms.forgotten_days_after_leaving)
        on = max(latest, today + timedelta(days=terms.announced_days_before))
        await session.run(update(Person).where(col(Person.id).in_(ids)).values(forget_on=on))
        tell = Tell(
            PeopleToForget(person_ids=ids, on=on),
            policy_office(policy),
            f"forget/{on}/{ids[0]}",
            Subject(SubjectKind.RULE, 0),
        )
        await apply(session, Outcome((tell,)), actor=STEWARD, calendar=calendar, now=now)
    return ("said who is to be forgotten",)


async def due_to_forget(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """Those whose day has come, who are still gone and hold nothing; none for one account alone."""
    if only is not None or runtime.policy.retention is None:
        return ()
    today = runtime.policy.calendar.today(now)
    async with runtime.store.read() as session:
        left = await _left(session, runtime, announced=True)
        free = [one for one in sorted(left) if await _may_go(session, runtime, one, left, today)]
    return tuple(Case(f"person {one}", (one,)) for one in free)


async def move_to_forget(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Forget one person."""
    today = runtime.policy.calendar.today(now)
    async with runtime.store.write() as session:
        left = await _left(session, runtime, announced=True)
        (person_id,) = case.ids
        if not await _may_go(session, runtime, person_id, left, today):
            return ()
        person = await session.get_one(Person, person_id)
        days = runtime.policy.retention.forgotten_days_after_leaving if runtime.policy.retention else 0
        rows = await forget(session, person, now, reason=f"They left {days} days ago.")
        await audit.append(
            session,
            Subject(SubjectKind.PERSON, person_id),
            actor=STEWARD,
            control="",
            cause="person forgotten",
            now=now,
            body={"rows": rows, "days": days},
        )
    return ("forgotten",)


async def _may_go(
    session: Session, runtime: Runtime, person_id: int, left: Mapping[int, date], today: date
) -> bool:
    terms = runtime.policy.retention
    if terms is None or person_id not in left:
        return False
    if left[person_id] + timedelta(days=terms.forgotten_days_after_leaving) > today:
        return False  # they came back meanwhile and left again, or the policy gives longer now
    person = await session.get_one(Person, person_id)
    return (
        person.forget_on is not None
        and person.forget_on <= today
        and not await _holds_something(session, person_id, today)
    )


async def _holds_something(session: Session, person_id: int, today: date) -> bool:
    return bool(await what_they_hold(session, await session.get_one(Person, person_id), today))


async def _left(session: Session, runtime: Runtime, *, announced: bool) -> dict[int, date]:
    """Who has left and is not forgotten, and on which day of the division they last did."""
    rows = await session.run(
        select(col(Person.id), func.max(col(AuditEntry.at)).label("at"))
        .join(
            AuditEntry,
            (col(AuditEntry.subject_kind) == SubjectKind.PERSON)
            & (col(AuditEntry.subject_id) == col(Person.id)),
        )
        .where(
            ~col(Person.active),
            col(Person.forgotten_at).is_(None),
            col(Person.forget_on).is_not(None) if announced else col(Person.forget_on).is_(None),
            col(AuditEntry.cause) == GONE,
        )
        .group_by(col(Person.id))
    )
    return {row.id: row.at.astimezone(runtime.policy.zone).date() for row in rows}


LIFECYCLE = Lifecycle(
    "forgetting",
    woken_by=(),
    stages=(
        Stage("people who left", due_to_announce, announce),
        Stage("person", due_to_forget, move_to_forget),
    ),
    turn=Turn.RETENTION,
)
