"""An account is suspended at once in an emergency, and brought back."""

from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import insert, select, update
from sqlmodel import col
from sqlmodel import select as select_rows

from policy.authority import custodians, policy_office
from policy.controls.sanction import Suspending
from policy.model import Policy
from policy.notices.accounts import AccountReinstated, AccountSuspended
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.events import EventKind
from schemas.findings import Finding, Suspension
from schemas.forms import ActForm, Day, OnCommand, Reason
from schemas.notices import NoticeFacts
from schemas.outcome import Emit, Move, Outcome, RoleAt, Settle, Subject, Tell
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import SANCTION_OFFICE, Who, asked, holds, in_office
from tasks.store import lookup
from tasks.store.session import Session

_AHEAD = timedelta(days=2 * 366)


class _DecidedForm(ActForm):
    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    reason: Reason = Field(title="Reason", description="Why; its administrators read this.")


class SuspensionForm(_DecidedForm):
    """Suspend a live account at once. Nobody's access is taken; its administrators are told why."""

    through: Day | None = Field(
        default=None,
        title="Last day",
        description="It ends by itself after this day; left out: when it is brought back.",
    )


class ReinstatementForm(_DecidedForm):
    """Bring a suspended account back."""


@act(SuspensionForm, who=SANCTION_OFFICE, does="suspends an account", control=(Suspending,), in_person=True)
async def suspend_account(context: ActContext, form: SuspensionForm) -> Receipt:
    """Suspend a live account at once, with a reason that its administrators read.

    Nobody's access is taken: who administers it must be able to reach it, and to mend it. So no account is
    left without anybody.

    Raises:
        AlreadyDone: it is suspended already.
        BadInput: the last day is past.
        NotNow: it is not live.
        Unknown: no such account or person.
    """
    account = await lookup.by_id(context.session, Account, form.account)
    await begin_suspension(context, account, form.reason, through=form.through)
    until = f" through {form.through}" if form.through else ""
    return Receipt(
        subject_of(form.account),
        "suspended",
        f"Account {form.account} is suspended{until}; its administrators read your reason at once. Hide or "
        "lock it on the platform if its posts must not be seen: Steward can't do that.",
    )


async def begin_suspension(
    context: ActContext, account: Account, reason: str, *, through: date | None = None, **stop: Any
) -> int:
    """Suspend a live account by a person's decision, and tell everybody concerned; the suspension's number.

    `stop`: more columns, where it is an emergency stop. Raises AlreadyDone, BadInput and NotNow.
    """
    if account.state is AccountState.SUSPENDED:
        raise AlreadyDone(f"Account {account.id} is suspended already.")
    if account.state is not AccountState.LIVE:
        raise NotNow(f"Account {account.id} is '{account.state}': only a live account is suspended.")
    refuse_past(through, context.today)
    control = context.policy.name_of(Suspending)
    made = await context.session.run(
        insert(table_of(Suspension))
        .values(
            account_id=account.id,
            control=control,
            reason=reason,
            decided_by_id=context.person_id,
            deputy_for_id=context.right.deputy_for,
            suspended_at=context.now,
            recorded_via=context.actor.via,
            through=through,
            **stop,
        )
        .returning(table_of(Suspension).c.id)
    )
    suspension = int(made.scalar_one())
    outcome = moved(
        account,
        AccountState.SUSPENDED,
        f"suspension {suspension} decided",
        (AccountSuspended(control=control, suspension_id=suspension), EventKind.ACCOUNT_SUSPENDED),
        await people_of(context.session, account, context.policy),
        control,
    )
    await context.apply(outcome)
    return suspension


def refuse_past(through: date | None, today: date) -> None:
    """Raises BadInput for a last day that is past, or so far ahead that it is a slip."""
    if through is not None and through < today:
        raise BadInput(f"{through} is past: give a day to come, or today.")
    if through is not None and through > today + _AHEAD:
        raise BadInput(
            f"{through} is more than two years ahead: leave the last day out, or look at its year."
        )


async def _own_stop(context: ActContext, form: ReinstatementForm) -> Right | None:
    """The right of who stopped it, as long as they hold an office that stops accounts."""
    right = await holds(context, *(RoleAt(one) for one in _stopping(context.policy)))
    stop = await _stop_of(context, form.account)
    if right is None or stop is None:
        return None
    mine = right.stands_for(context.person_id)
    return right if mine & {stop.decided_by_id, stop.deputy_for_id} else None


@act(
    ReinstatementForm,
    who=SANCTION_OFFICE | asked(ItemKind.DECIDE_REINSTATEMENT) | Who("who stopped it", _own_stop, in_office),
    does="brings an account back",
    control=(Suspending,),
    in_person=True,
)
async def reinstate_account(context: ActContext, form: ReinstatementForm) -> Receipt:
    """Bring a suspended account back, with a reason.

    Raises:
        NotAllowed: somebody else stopped it in an emergency, and who acts administers it.
        NotNow: it is not suspended.
        Unknown: no such account or person.
    """
    session, policy = context.session, context.policy
    account = await lookup.by_id(session, Account, form.account)
    if account.state is not AccountState.SUSPENDED:
        raise NotNow(f"Account {form.account} is '{account.state}', not suspended.")
    await _refuse_the_concerned(context, account)
    suspension = await _open_suspension(context, form)
    findings = await _unmended(session, policy, form.account)
    outcome = moved(
        account,
        AccountState.LIVE,
        f"suspension {suspension} ended",
        (AccountReinstated(suspension_id=suspension), EventKind.ACCOUNT_REINSTATED),
        (
            *await people_of(session, account, policy),
            *await hands_of(session, suspension, policy, but=context.person_id),
        ),
        policy.name_of(Suspending),
    )
    await context.apply(outcome)
    still = f" Still to be mended: {findings}; people are given their days anew." if findings else ""
    return Receipt(
        subject_of(form.account),
        "reinstated",
        f"Account {form.account} is live again; its people are told.{still}",
    )


def subject_of(account_id: int) -> Subject:
    """An account as what something is about."""
    return Subject(SubjectKind.ACCOUNT, account_id)


async def _open_suspension(context: ActContext, form: ReinstatementForm) -> int:
    """End the account's open suspension; one that an inventory brought in has no row yet and gets one."""
    table = table_of(Suspension)
    ending = {"ended_at": context.now, "ended_by_id": context.person_id, "ended_because": form.reason}
    ended = await context.session.run(
        update(table)
        .where(table.c.account_id == form.account, table.c.ended_at.is_(None))
        .values(**ending)
        .returning(table.c.id)
    )
    found = ended.scalar_one_or_none()
    if found is not None:
        return int(found)
    since = await context.session.run(select(col(Account.state_since)).where(col(Account.id) == form.account))
    made = await context.session.run(
        insert(table)
        .values(
            account_id=form.account,
            control=context.policy.name_of(Suspending),
            reason="It was suspended before Steward knew it.",
            suspended_at=since.scalar_one(),
            recorded_via=context.actor.via,
            **ending,
        )
        .returning(table.c.id)
    )
    return int(made.scalar_one())


async def _unmended(session: Session, policy: Policy, account_id: int) -> str:
    """The account's open findings, by number and clause."""
    rows = await session.run(
        select(col(Finding.id), col(Finding.control))
        .where(col(Finding.account_id) == account_id, col(Finding.resolved_at).is_(None))
        .order_by(col(Finding.id))
    )
    return ", ".join(f"finding {row.id} ({policy.number_of(row.control)})" for row in rows)


async def people_of(session: Session, account: Account, policy: Policy) -> tuple[int | RoleAt, ...]:
    """Who is told: everybody with access, the account's custodian, and who keeps the policy."""
    rows = await session.run(
        select(col(Access.person_id))
        .where(col(Access.account_id) == account.id, col(Access.state) == AccessState.GRANTED)
        .order_by(col(Access.person_id))
    )
    keepers = custodians(policy, account.level, account.school_id)
    return (*rows.scalars(), *keepers, policy_office(policy))


async def hands_of(
    session: Session, suspension: int, policy: Policy, *, but: int | None = None
) -> tuple[int | RoleAt, ...]:
    """Who has a hand in a suspension: who decided and who confirmed it; the offices asked to confirm a stop.

    `but`: who ends it now.
    """
    row = await lookup.by_id(session, Suspension, suspension)
    people = dict.fromkeys((row.decided_by_id, row.deputy_for_id, row.confirmed_by_id))
    asked_offices = tuple(RoleAt(one) for one in _stopping(policy) if row.stop_office not in {None, one})
    return (*(one for one in people if one not in {None, but} and one is not None), *asked_offices)


def _stopping(policy: Policy) -> tuple[str, ...]:
    return next((one.stopped_by for one in policy.of(Suspending)), ())


async def _refuse_the_concerned(context: ActContext, account: Account) -> None:
    """Raises NotAllowed where somebody else stopped an account that who acts administers.

    Nobody takes back what was done about themselves. Who stopped it may.
    """
    row = await _stop_of(context, account.id or 0)
    mine = context.right.stands_for(context.person_id)
    if row is None or mine & {row.decided_by_id, row.deputy_for_id}:
        return
    has_access = await context.session.exec(
        select_rows(Access.id).where(
            col(Access.account_id) == account.id,
            col(Access.person_id).in_(mine),
            col(Access.state).in_((AccessState.GRANTED, AccessState.SUSPENDED)),
        )
    )
    if has_access.first() is not None:
        raise NotAllowed(
            f"Somebody else stopped account {account.id} in an emergency, and you administer it: another "
            "person brings it back. Unconfirmed, the stop ends by itself."
        )


async def _stop_of(context: ActContext, account_id: int) -> Suspension | None:
    """The emergency stop of an account that stands."""
    found = await context.session.exec(
        select_rows(Suspension).where(
            col(Suspension.account_id) == account_id,
            col(Suspension.ended_at).is_(None),
            col(Suspension.stop_office).is_not(None),
        )
    )
    return found.first()


def moved(
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
    subject = subject_of(account.id or 0)
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
