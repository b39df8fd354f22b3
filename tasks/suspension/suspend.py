"""An account is suspended at once in an emergency, and brought back: Communications decides both (10)."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.authority import office_at
from policy.calendar import Calendar
from policy.controls.sanction import Suspending
from policy.model import Policy
from policy.notices.accounts import AccountReinstated, AccountSuspended
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, NotAllowed, NotNow
from schemas.events import EventKind
from schemas.forms import SuspensionForm
from schemas.notices import NoticeFacts
from schemas.outcome import Emit, Move, Outcome, RoleAt, Settle, Subject, Tell
from schemas.receipt import Receipt
from schemas.standing import Finding, Suspension
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, RoleKind, SubjectKind, Via
from tasks.store import Store, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.holders import Holder, holders

COMMUNICATIONS = RoleAt(RoleKind.COMMUNICATIONS_OFFICER)


async def suspend_account(
    store: Store, policy: Policy, form: SuspensionForm, *, via: Via, now: datetime
) -> Receipt:
    """Suspend a live account at once, with a reason that its administrators read (10).

    Nobody's access is taken: who administers it must be able to reach it, and to mend it. So no account is
    left without anybody.

    Raises:
        NotAllowed: only who holds the Communications Officer's office today, or a deputy.
        AlreadyDone: it is suspended already.
        NotNow: it is not live.
        Unknown: no such account or person.
    """
    calendar = Calendar(policy)
    async with store.write() as session:
        control = policy.name_of(Suspending)
        decider = await _communications(session, form, policy, calendar, now)
        account = await lookup.by_id(session, Account, form.account)
        if account.state is AccountState.SUSPENDED:
            raise AlreadyDone(f"Account {form.account} is suspended already.")
        if account.state is not AccountState.LIVE:
            raise NotNow(f"Account {form.account} is '{account.state}': only a live account is suspended.")
        connection = await session.connection()
        made = await connection.execute(
            insert(table_of(Suspension))
            .values(
                account_id=form.account,
                control=control,
                reason=form.reason,
                decided_by_id=decider.person_id,
                deputy_for_id=decider.deputy_for,
                suspended_at=now,
                recorded_via=via,
            )
            .returning(table_of(Suspension).c.id)
        )
        suspension = made.scalar_one()
        outcome = _moved(
            account,
            AccountState.SUSPENDED,
            f"suspension {suspension} decided",
            (
                AccountSuspended(control=policy.name_of(Suspending), suspension_id=suspension),
                EventKind.ACCOUNT_SUSPENDED,
            ),
            await _people(session, account, policy),
            control,
        )
        await apply(session, outcome, actor=Actor(decider.person_id, via), calendar=calendar, now=now)
    return Receipt(
        _subject(form.account),
        "suspended",
        f"Account {form.account} is suspended; its administrators read your reason at once. Hide or lock "
        "it on the platform if its posts must not be seen: Steward can't do that.",
    )


async def reinstate_account(
    store: Store, policy: Policy, form: SuspensionForm, *, via: Via, now: datetime
) -> Receipt:
    """Bring a suspended account back, with a reason (10).

    Raises:
        NotAllowed: only who holds the Communications Officer's office today, or a deputy.
        NotNow: it is not suspended.
        Unknown: no such account or person.
    """
    calendar = Calendar(policy)
    async with store.write() as session:
        control = policy.name_of(Suspending)
        decider = await _communications(session, form, policy, calendar, now)
        account = await lookup.by_id(session, Account, form.account)
        if account.state is not AccountState.SUSPENDED:
            raise NotNow(f"Account {form.account} is '{account.state}', not suspended.")
        suspension = await _open_suspension(session, form, decider, control, via, now)
        findings = await _unmended(session, policy, form.account)
        outcome = _moved(
            account,
            AccountState.LIVE,
            f"suspension {suspension} ended",
            (AccountReinstated(suspension_id=suspension), EventKind.ACCOUNT_REINSTATED),
            await _people(session, account, policy),
            control,
        )
        await apply(session, outcome, actor=Actor(decider.person_id, via), calendar=calendar, now=now)
    still = f" Still to be mended: {findings}; people are given their days anew." if findings else ""
    return Receipt(
        _subject(form.account),
        "reinstated",
        f"Account {form.account} is live again; its people are told.{still}",
    )


def _subject(account_id: int) -> Subject:
    return Subject(SubjectKind.ACCOUNT, account_id)


async def _communications(
    session: AsyncSession, form: SuspensionForm, policy: Policy, calendar: Calendar, now: datetime
) -> Holder:
    """Who decides, as the holder of the office or a deputy of today. Raises NotAllowed."""
    person_id = await lookup.person_id(session, form.decided_by)
    for holder in await holders(session, COMMUNICATIONS, calendar.today(now)):
        if holder.person_id == person_id:
            return holder
    why = policy.number_of(policy.name_of(Suspending))
    raise NotAllowed(
        f"Only Communications suspends an account and brings it back ({why}): "
        "ask the Communications Officer, or who deputizes today."
    )


async def _open_suspension(
    session: AsyncSession, form: SuspensionForm, decider: Holder, control: str, via: Via, now: datetime
) -> int:
    """End the account's open suspension; one that an inventory brought in has no row yet and gets one."""
    table, connection = table_of(Suspension), await session.connection()
    ending = {"ended_at": now, "ended_by_id": decider.person_id, "ended_because": form.reason}
    ended = await connection.execute(
        update(table)
        .where(table.c.account_id == form.account, table.c.ended_at.is_(None))
        .values(**ending)
        .returning(table.c.id)
    )
    found = ended.scalar_one_or_none()
    if found is not None:
        return int(found)
    since = await connection.execute(select(col(Account.state_since)).where(col(Account.id) == form.account))
    made = await connection.execute(
        insert(table)
        .values(
            account_id=form.account,
            control=control,
            reason="It was suspended before Steward knew it.",
            suspended_at=since.scalar_one(),
            recorded_via=via,
            **ending,
        )
        .returning(table.c.id)
    )
    return int(made.scalar_one())


async def _unmended(session: AsyncSession, policy: Policy, account_id: int) -> str:
    """The account's open findings, by number and clause."""
    rows = await (await session.connection()).execute(
        select(col(Finding.id), col(Finding.control))
        .where(col(Finding.account_id) == account_id, col(Finding.resolved_at).is_(None))
        .order_by(col(Finding.id))
    )
    return ", ".join(f"finding {row.id} ({policy.number_of(row.control)})" for row in rows)


async def _people(session: AsyncSession, account: Account, policy: Policy) -> tuple[int | RoleAt, ...]:
    """Who is told: everybody with access, the account's custodian, and Communications."""
    rows = await (await session.connection()).execute(
        select(col(Access.person_id))
        .where(col(Access.account_id) == account.id, col(Access.state) == AccessState.GRANTED)
        .order_by(col(Access.person_id))
    )
    custodian = office_at(policy.custodians.at(account.level), account.school_id)
    return (*rows.scalars(), custodian, COMMUNICATIONS)


def _moved(
    account: Account,
    to: AccountState,
    cause: str,
    said: tuple[NoticeFacts, EventKind],
    people: tuple[int | RoleAt, ...],
    control: str,
) -> Outcome:
    """The account's change of state, and everybody concerned told once."""
    notice, event = said
    decided = to is AccountState.LIVE
    subject = _subject(account.id or 0)
    return Outcome(
        (
            Move(subject, account.state, account.version, to, control, cause),
            # whoever is to mend a finding that still stands is asked anew, with new days of grace
            Settle(about=subject, kinds=(ItemKind.MEND_FINDING, ItemKind.DECIDE_REINSTATEMENT), done=decided),
            *(Tell(notice, one, f"{subject}/v{account.version}/{to}", subject) for one in people),
            Emit(event, subject),
        ),
        str(to),
    )
