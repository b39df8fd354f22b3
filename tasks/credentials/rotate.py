"""Recording that a shared password was changed, and that each who must have the new one has it (11).

Never to what: nothing here takes a secret, and a text that looks like one is refused.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import insert, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calendar import Calendar
from policy.controls.rotate_secret import RotateSecret
from policy.model import Policy
from policy.notices.credentials import Rotated
from policy.selects import start_of
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.events import EventKind
from schemas.evidence import Rotation, RotationConfirmation
from schemas.forms import refuse_secret
from schemas.outcome import Ask, Emit, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.states import AccessState
from schemas.words import ItemKind, RoleKind, SubjectKind, Via
from tasks.store import Store, audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.holders import holders

COMMUNICATIONS = RoleAt(RoleKind.COMMUNICATIONS_OFFICER)
LONGEST = 200


def _text(field: str, value: str) -> str:
    """A line of free text. Raises LooksLikeASecret, BadInput."""
    said = " ".join(value.split())
    refuse_secret(field, said)
    if len(said) > LONGEST or not said.isprintable():
        raise BadInput(f"Give a {field} of at most {LONGEST} characters.")
    return said


def _confirm_key(subject: Subject, rotation_id: int | None, person_id: int) -> str:
    return f"{subject}/rotation:{rotation_id}/confirm/person:{person_id}"


async def record_rotation(
    store: Store,
    policy: Policy,
    account_id: int,
    *,
    by: str,
    evidence: str,
    on: date | None = None,
    reason: str = "",
    via: Via,
    now: datetime,
) -> Receipt:
    """Record that the shared password of an account was changed, and announce it to all who must have it.

    Whoever has no access any more does not know the new one; whoever has, does. Every other administrator
    with access, and Communications, is told and asked to confirm.

    Raises NotAllowed for anybody but an administrator with access or Communications, BadInput for a day to
    come and for missing or secret evidence, NotNow where no password is shared, AlreadyDone, Unknown.
    """
    calendar = Calendar(policy)
    today = calendar.today(now)
    day = on or today
    vault, why = _text("evidence", evidence), _text("reason", reason)
    if not vault:
        raise BadInput("Name the vault's entry that holds the new password (--evidence), never the password.")
    if day > today:
        raise BadInput(f"{day} is still to come: a change is recorded once it is made.")
    rotated_at = now if day == today else start_of(day, policy.zone)
    async with store.write() as session:
        person_id = await lookup.person_id(session, by)
        account = await lookup.by_id(session, Account, account_id)
        inside, officers = await concerned(session, account_id, today)
        allow(account_id, person_id, inside | officers)
        if account.state in ENDED_ACCOUNTS or not policy.custody_terms(account.custody).rotates:
            raise NotNow(f"Account {account_id} has no shared password to change (11).")
        latest = await _latest(session, account_id)
        if latest is not None and latest.rotated_at >= rotated_at:
            raise AlreadyDone(f"A later change of account {account_id} is recorded already.")
        if latest is not None and (latest.evidence, calendar.today(latest.rotated_at)) == (vault, day):
            raise AlreadyDone(f"The change of {day} is recorded for account {account_id} already.")
        connection = await session.connection()
        made = await connection.execute(
            insert(table_of(Rotation))
            .values(
                account_id=account_id,
                rotated_at=rotated_at,
                rotated_by_id=person_id,
                evidence=vault,
                reason=why,
                recorded_via=via,
            )
            .returning(table_of(Rotation).c.id)
        )
        rotation_id = made.scalar_one()
        await _who_knows(session, account_id, inside, day, start_of(day + timedelta(days=1), policy.zone))
        subject, actor = Subject(SubjectKind.ACCOUNT, account_id), Actor(person_id, via)
        await audit.append(
            session,
            subject,
            actor=actor,
            control=policy.name_of(RotateSecret),
            cause="password changed",
            now=now,
            body={"rotation": rotation_id, "changed on": day.isoformat()},
        )
        terms = policy.terms(ItemKind.CONFIRM_ROTATION)
        due = calendar.due_after(today, school_days=terms.due_school_days)
        told = Rotated(rotated_on=day, rotated_by_id=person_id, due_on=due)
        steps: list[Step] = [
            Settle(about=subject, kinds=(ItemKind.ROTATE_CREDENTIALS,)),
            Settle(about=subject, kinds=(ItemKind.CONFIRM_ROTATION,), done=False),
        ]
        others = sorted((inside | officers) - {person_id})
        for one in others:
            key = _confirm_key(subject, rotation_id, one)
            steps += [
                Ask(key, ItemKind.CONFIRM_ROTATION, one, subject, policy.name_of(RotateSecret), due),
                Tell(told, one, key, subject),
            ]
        steps.append(Emit(EventKind.ROTATION_RECORDED, subject))
        await apply(session, Outcome(tuple(steps)), actor=actor, calendar=calendar, now=now)
    return Receipt(
        subject,
        "recorded",
        f"The change of {day} is recorded; {len(others)} are told and asked to confirm by {due}.",
    )


async def confirm_rotation(
    store: Store, policy: Policy, account_id: int, *, by: str, via: Via, now: datetime
) -> Receipt:
    """Record that somebody has the new password of an account, since its latest change.

    Raises NotAllowed for anybody but an administrator with access or Communications, NotNow where no change
    is recorded, AlreadyDone for who made or confirmed it, Unknown.
    """
    calendar = Calendar(policy)
    async with store.write() as session:
        person_id = await lookup.person_id(session, by)
        await lookup.by_id(session, Account, account_id)
        inside, officers = await concerned(session, account_id, calendar.today(now))
        allow(account_id, person_id, inside | officers)
        latest = await _latest(session, account_id)
        if latest is None:
            raise NotNow(f"No change of the password of account {account_id} is recorded: record it first.")
        connection = await session.connection()
        known = await connection.execute(
            select(col(RotationConfirmation.id)).where(
                col(RotationConfirmation.rotation_id) == latest.id,
                col(RotationConfirmation.person_id) == person_id,
            )
        )
        if latest.rotated_by_id == person_id or known.first() is not None:
            raise AlreadyDone(f"For account {account_id} it is known already that you have the new password.")
        await connection.execute(
            insert(table_of(RotationConfirmation)).values(
                rotation_id=latest.id, person_id=person_id, confirmed_at=now
            )
        )
        subject, actor = Subject(SubjectKind.ACCOUNT, account_id), Actor(person_id, via)
        await audit.append(
            session,
            subject,
            actor=actor,
            control=policy.name_of(RotateSecret),
            cause="new password confirmed",
            now=now,
            body={"rotation": latest.id},
        )
        done = Outcome((Settle((_confirm_key(subject, latest.id, person_id),)),))
        await apply(session, done, actor=actor, calendar=calendar, now=now)
    return Receipt(
        subject, "confirmed", f"That you have the new password of account {account_id} is recorded."
    )


def allow(account_id: int, person_id: int, allowed: set[int]) -> None:
    """Raises NotAllowed for anybody else than those who are allowed to say so."""
    if person_id not in allowed:
        raise NotAllowed(
            f"Only an administrator with access to account {account_id}, or Communications, says so (11)."
        )


async def concerned(session: AsyncSession, account_id: int, today: date) -> tuple[set[int], set[int]]:
    """Who has granted access and is here; who holds the office of Communications."""
    rows = await (await session.connection()).execute(
        select(col(Access.person_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            col(Access.account_id) == account_id,
            col(Access.state) == AccessState.GRANTED,
            col(Person.active),
        )
    )
    officers = await holders(session, COMMUNICATIONS, today)
    return set(rows.scalars()), {one.person_id for one in officers if one.deputy_for is None}


async def _latest(session: AsyncSession, account_id: int) -> Rotation | None:
    rows = await session.exec(
        select(Rotation)
        .where(col(Rotation.account_id) == account_id)
        .order_by(col(Rotation.rotated_at).desc(), col(Rotation.id).desc())
        .limit(1)
    )
    return rows.first()


async def _who_knows(
    session: AsyncSession, account_id: int, inside: set[int], day: date, day_ends: datetime
) -> None:
    """Who has no access since before the day's end knows the old one until then; who has, knows the new."""
    access, connection = table_of(Access), await session.connection()
    here = (access.c.account_id == account_id, access.c.knows_secret_since.is_not(None))
    await connection.execute(
        update(access)
        .where(
            *here,
            access.c.knows_secret_until.is_(None),
            access.c.person_id.not_in(inside),
            access.c.state_since < day_ends,
        )
        .values(knows_secret_until=day)
    )
    await connection.execute(
        update(access)
        .where(
            access.c.account_id == account_id,
            access.c.person_id.in_(inside),
            or_(access.c.knows_secret_since.is_(None), access.c.knows_secret_until.is_not(None)),
        )
        .values(knows_secret_since=day, knows_secret_until=None)
    )
