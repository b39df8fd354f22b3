"""Asking Communications to bring a suspended account back (10), and taking hold of an account (5.5, 6.2)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.authority import office_at
from policy.calendar import Calendar
from policy.controls.custody import Custody
from policy.controls.sanction import Suspending
from policy.custody import custody_lacks
from policy.model import Policy
from policy.reinstatement import COMMUNICATIONS, ask_for_return, hold_key
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import BadInput, NotAllowed, NotNow
from schemas.events import EventKind
from schemas.outcome import Emit, Outcome, RoleAt, Settle, Subject
from schemas.receipt import Receipt
from schemas.standing import Suspension
from schemas.standing_forms import HoldForm, ReturnForm
from schemas.states import AccessState, AccountState
from schemas.words import CustodyMode, SubjectKind, Via
from tasks.store import Store, audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.holders import holders


@dataclass(frozen=True)
class _Custody:
    custody: CustodyMode
    vault_reference: str | None
    custodian_is_administrator: bool


async def ask_back(store: Store, policy: Policy, form: ReturnForm, *, via: Via, now: datetime) -> Receipt:
    """Ask Communications to bring a suspended account back; one open asking a suspension (10).

    Asked again, the newer reason stands, and Communications is told once a day at most.

    Raises:
        NotAllowed: only an administrator with access, the account's custodian or Communications asks.
        NotNow: it is not suspended.
        Unknown: no such account or person.
    """
    calendar = Calendar(policy)
    today = calendar.today(now)
    async with store.write() as session:
        person_id = await lookup.person_id(session, form.person)
        account = await lookup.by_id(session, Account, form.account)
        custodian = office_at(policy.custodians.at(account.level), account.school_id)
        if not (
            await _has_access(session, form.account, person_id)
            or await _holds(session, person_id, (custodian, COMMUNICATIONS), calendar, now)
        ):
            raise NotAllowed(
                f"Only an administrator with access to account {form.account}, or who keeps it, asks for "
                "its return."
            )
        if account.state is not AccountState.SUSPENDED:
            raise NotNow(f"Account {form.account} is '{account.state}', not suspended.")
        subject, actor = Subject(SubjectKind.ACCOUNT, form.account), Actor(person_id, via)
        table, connection = table_of(Suspension), await session.connection()
        noted = await connection.execute(
            update(table)
            .where(table.c.account_id == form.account, table.c.ended_at.is_(None))
            .values(asked_by_id=person_id, asked_at=now, asked_because=form.reason)
            .returning(table.c.id)
        )
        await audit.append(
            session,
            subject,
            actor=actor,
            control=policy.name_of(Suspending),
            cause="asked for its return",
            now=now,
            body={},
        )
        asked = ask_for_return(
            subject, account.version, "asked", policy, calendar, today, person_id, noted.scalar_one_or_none()
        )
        outcome = Outcome((*asked, Emit(EventKind.NOTICES_WAITING, subject)), "asked")
        await apply(session, outcome, actor=actor, calendar=calendar, now=now)
    return Receipt(subject, "asked", f"Communications is asked to bring account {form.account} back.")


async def take_hold(store: Store, policy: Policy, form: HoldForm, *, via: Via, now: datetime) -> Receipt:
    """Record how Communications, or the principal of a classroom account, can reach an account (5.5, 6.2).

    Raises:
        NotAllowed: only Communications, or who keeps the account.
        BadInput: that is not enough evidence for the account's custody.
        NotNow: it has ended.
        Unknown: no such account or person.
    """
    calendar = Calendar(policy)
    async with store.write() as session:
        person_id = await lookup.person_id(session, form.person)
        account = await lookup.by_id(session, Account, form.account)
        custodian = office_at(policy.custodians.at(account.level), account.school_id)
        if not await _holds(session, person_id, (custodian, COMMUNICATIONS), calendar, now):
            raise NotAllowed(
                f"Only Communications, or who keeps account {form.account}, says how to reach it."
            )
        if account.state in {AccountState.CLOSED, AccountState.WITHDRAWN}:
            raise NotNow(f"Account {form.account} is '{account.state}': it has ended.")
        held = _Custody(
            account.custody,
            form.vault_reference or account.vault_reference,
            form.custodian_is_administrator or account.custodian_is_administrator,
        )
        if lacks := custody_lacks(held, policy):
            raise BadInput(f"Account {form.account}: {lacks}")
        await (await session.connection()).execute(
            update(table_of(Account))
            .where(col(Account.id) == form.account)
            .values(
                vault_reference=held.vault_reference,
                custodian_is_administrator=held.custodian_is_administrator,
            )
        )
        subject, actor = Subject(SubjectKind.ACCOUNT, form.account), Actor(person_id, via)
        await audit.append(
            session,
            subject,
            actor=actor,
            control=policy.name_of(Custody, level=account.level),
            cause="can be reached",
            now=now,
            body={
                "vault reference": held.vault_reference is not None,
                "custodian": held.custodian_is_administrator,
            },
        )
        # who was kept only because nobody else could reach it is looked at again
        outcome = Outcome((Settle((hold_key(subject),)), Emit(EventKind.GATE_MET, subject)), "held")
        await apply(session, outcome, actor=actor, calendar=calendar, now=now)
    return Receipt(subject, "held", f"Account {form.account} can be reached without its administrators.")


async def _has_access(session: AsyncSession, account_id: int, person_id: int) -> bool:
    found = await (await session.connection()).execute(
        select(col(Access.id)).where(
            col(Access.account_id) == account_id,
            col(Access.person_id) == person_id,
            col(Access.state) == AccessState.GRANTED,
        )
    )
    return found.first() is not None


async def _holds(
    session: AsyncSession, person_id: int, offices: tuple[RoleAt, ...], calendar: Calendar, now: datetime
) -> bool:
    """Whether the person holds one of these offices today, or deputizes for who does."""
    for office in offices:
        if person_id in {one.person_id for one in await holders(session, office, calendar.today(now))}:
            return True
    return False
