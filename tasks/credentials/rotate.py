"""Recording that a shared password was changed, and that each who must have the new one has it.

Never to what: nothing here takes a secret, and a text that looks like one is refused.
"""

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert, or_, update
from sqlmodel import col, select

from policy.authority import policy_office
from policy.controls.rotate_secret import RotateSecret
from policy.model import Policy
from policy.notices.credentials import Rotated
from policy.selects import start_of
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotNow
from schemas.events import EventKind
from schemas.evidence import Rotation, RotationConfirmation
from schemas.forms import ActForm, Day, Line, OnCommand, is_vault_reference
from schemas.outcome import Ask, Emit, Outcome, Settle, Step, Subject, Tell
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.states import AccessState
from schemas.words import ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext, Right
from tasks.acts.who import ADMINISTRATOR, POLICY_OFFICE, Who, climbed, holds
from tasks.store import lookup
from tasks.store.holders import holders
from tasks.store.session import Session


async def _holds_office_alone(context: ActContext, _form: ActForm) -> Right | None:
    right = await holds(context, policy_office(context.policy))
    return None if right is None or right.deputy_for is not None else right


#: Whoever must have a shared password: those with access, and who keeps the policy in person; no deputy.
CONCERNED = ADMINISTRATOR | Who(POLICY_OFFICE.words, _holds_office_alone)


def _confirm_key(subject: Subject, rotation_id: int | None, person_id: int) -> str:
    return f"{subject}/rotation:{rotation_id}/confirm/person:{person_id}"


class RotationForm(ActForm):
    """The shared password of an account was changed; everybody who must have it is told."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    evidence: Line = Field(
        min_length=1,
        title="Vault entry",
        description="Name of the vault's entry that holds the new one, never the password.",
    )
    on: Day | None = Field(
        default=None, title="Changed on", description="The day, as 2026-09-30; today if left out."
    )
    reason: Line = Field(default="", title="Reason", description="Why, where it is not for the year.")


class ConfirmationForm(ActForm):
    """You have the new password of an account."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)


@act(
    RotationForm,
    who=CONCERNED | climbed(ItemKind.ROTATE_CREDENTIALS),
    does="records a change of its password",
    control=(RotateSecret,),
)
async def record_rotation(context: ActContext, form: RotationForm) -> Receipt:
    """Record that the shared password of an account was changed, and announce it to all who must have it.

    Whoever has no access any more does not know the new one; whoever has, does. Every other administrator
    with access, and who keeps the policy, is told and asked to confirm. Where an entry of a vault is given,
    the account's record names that one from now on.

    Raises BadInput for a day to come, NotNow where no password is shared, AlreadyDone, Unknown.
    """
    session, policy, calendar, now = context.session, context.policy, context.calendar, context.now
    today = context.today
    day, account_id = form.on or today, form.account
    if day > today:
        raise BadInput(f"{day} is still to come: a change is recorded once it is made.")
    rotated_at = now if day == today else start_of(day, policy.zone)
    account = await lookup.by_id(session, Account, account_id)
    inside, officers = await concerned(session, account_id, policy, today)
    if account.state in ENDED_ACCOUNTS or not policy.custody_terms(account.custody).rotates:
        raise NotNow(f"Account {account_id} has no shared password to change.")
    latest = await _latest(session, account_id)
    if latest is not None and latest.rotated_at >= rotated_at:
        raise AlreadyDone(f"A later change of account {account_id} is recorded already.")
    if latest is not None and (latest.evidence, calendar.today(latest.rotated_at)) == (form.evidence, day):
        raise AlreadyDone(f"The change of {day} is recorded for account {account_id} already.")
    made = await session.run(
        insert(table_of(Rotation))
        .values(
            account_id=account_id,
            rotated_at=rotated_at,
            rotated_by_id=context.person_id,
            evidence=form.evidence,
            reason=form.reason,
            recorded_via=context.actor.via,
        )
        .returning(table_of(Rotation).c.id)
    )
    rotation_id = made.scalar_one()
    if is_vault_reference(form.evidence, policy.secrets.vaults):
        holds_it = update(table_of(Account)).where(col(Account.id) == account_id)
        await session.run(holds_it.values(vault_reference=form.evidence))
    await _who_knows(session, account_id, inside, day, start_of(day + timedelta(days=1), policy.zone))
    subject = Subject(SubjectKind.ACCOUNT, account_id)
    await context.note(
        subject,
        control=context.policy.name_of(RotateSecret),
        cause="password changed",
        body={"rotation": rotation_id, "changed on": day.isoformat()},
    )
    terms = policy.terms(ItemKind.CONFIRM_ROTATION)
    due = calendar.due_after(today, school_days=terms.due_school_days)
    told = Rotated(rotated_on=day, rotated_by_id=context.person_id, due_on=due)
    steps: list[Step] = [
        Settle(about=subject, kinds=(ItemKind.ROTATE_CREDENTIALS,)),
        Settle(about=subject, kinds=(ItemKind.CONFIRM_ROTATION,), done=False),
    ]
    others = sorted((inside | officers) - {context.person_id})
    for one in others:
        key = _confirm_key(subject, rotation_id, one)
        steps += [
            Ask(key, ItemKind.CONFIRM_ROTATION, one, subject, context.policy.name_of(RotateSecret), due),
            Tell(told, one, key, subject),
        ]
    steps.append(Emit(EventKind.ROTATION_RECORDED, subject))
    await context.apply(Outcome(tuple(steps)))
    said = [f"The change of {day} is recorded."]
    if len(others) == 1:
        said.append(f"1 person is told, and asked to confirm by {due}.")
    elif others:
        said.append(f"{len(others)} people are told, and asked to confirm by {due}.")
    return Receipt(subject, "recorded", " ".join(said))


@act(ConfirmationForm, who=CONCERNED, does="confirms its new password", control=(RotateSecret,))
async def confirm_rotation(context: ActContext, form: ConfirmationForm) -> Receipt:
    """Record that somebody has the new password of an account, since its latest change.

    Raises NotNow where no change is recorded, AlreadyDone for who made or confirmed it, Unknown.
    """
    session, now = context.session, context.now
    account_id = form.account
    latest = await _latest(session, account_id)
    if latest is None:
        raise NotNow(f"No change of the password of account {account_id} is recorded: record it first.")
    known = await session.run(
        select(col(RotationConfirmation.id)).where(
            col(RotationConfirmation.rotation_id) == latest.id,
            col(RotationConfirmation.person_id) == context.person_id,
        )
    )
    if latest.rotated_by_id == context.person_id or known.first() is not None:
        raise AlreadyDone(f"For account {account_id} it is known already that you have the new password.")
    await session.run(
        insert(table_of(RotationConfirmation)).values(
            rotation_id=latest.id, person_id=context.person_id, confirmed_at=now
        )
    )
    subject = Subject(SubjectKind.ACCOUNT, account_id)
    await context.note(
        subject,
        control=context.policy.name_of(RotateSecret),
        cause="new password confirmed",
        body={"rotation": latest.id},
    )
    done = Outcome((Settle((_confirm_key(subject, latest.id, context.person_id),)),))
    await context.apply(done)
    return Receipt(
        subject, "confirmed", f"That you have the new password of account {account_id} is recorded."
    )


async def concerned(
    session: Session, account_id: int, policy: Policy, today: date
) -> tuple[set[int], set[int]]:
    """Who has granted access and is here; who holds the office that keeps the policy."""
    rows = await session.run(
        select(col(Access.person_id))
        .join(Person, col(Person.id) == col(Access.person_id))
        .where(
            col(Access.account_id) == account_id,
            col(Access.state) == AccessState.GRANTED,
            col(Person.active),
        )
    )
    officers = await holders(session, policy_office(policy), today)
    return set(rows.scalars()), {one.person_id for one in officers if one.deputy_for is None}


async def _latest(session: Session, account_id: int) -> Rotation | None:
    rows = await session.exec(
        select(Rotation)
        .where(col(Rotation.account_id) == account_id)
        .order_by(col(Rotation.rotated_at).desc(), col(Rotation.id).desc())
        .limit(1)
    )
    return rows.first()


async def _who_knows(
    session: Session, account_id: int, inside: set[int], day: date, day_ends: datetime
) -> None:
    """Who has no access since before the day's end knows the old one until then; who has, knows the new."""
    access = table_of(Access)
    here = (access.c.account_id == account_id, access.c.knows_secret_since.is_not(None))
    await session.run(
        update(access)
        .where(
            *here,
            access.c.knows_secret_until.is_(None),
            access.c.person_id.not_in(inside),
            access.c.state_since < day_ends,
        )
        .values(knows_secret_until=day)
    )
    await session.run(
        update(access)
        .where(
            access.c.account_id == account_id,
            access.c.person_id.in_(inside),
            or_(access.c.knows_secret_since.is_(None), access.c.knows_secret_until.is_not(None)),
        )
        .values(knows_secret_since=day, knows_secret_until=None)
    )
