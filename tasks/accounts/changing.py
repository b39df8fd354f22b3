"""What every change of an account has in common: its record, and who is told of it."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert
from sqlmodel import col, select

from policy.authority import approving, custodians, policy_office
from schemas.accounts import Access, Account, AccountChange
from schemas.columns import table_of
from schemas.errors import NotNow
from schemas.events import EventKind
from schemas.forms import ActForm, OnCommand, Reason
from schemas.notices import NoticeFacts
from schemas.outcome import Emit, Outcome, RoleAt, Step, Subject, Tell
from schemas.states import AccessState, has_ended
from schemas.words import Changed, SubjectKind
from tasks.acts.context import ActContext
from tasks.store import lookup


class ChangeForm(ActForm):
    """The root of the forms that change an account."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)


#: Why something is changed. Everybody concerned reads it.
WHY = Field(title="Reason", description="Why; everybody concerned reads this.")
ChangeReason = Annotated[Reason, WHY]


def subject_of(account: Account) -> Subject:
    """The account as what something is about."""
    return Subject(SubjectKind.ACCOUNT, account.id or 0)


async def open_account(context: ActContext, number: int) -> Account:
    """The account of this number. Raises Unknown; NotNow where it has ended."""
    account = await lookup.by_id(context.session, Account, number)
    if has_ended(account.state):
        raise NotNow(f"Account {number} is '{account.state}': it has ended.")
    return account


async def accesses(context: ActContext, account_id: int) -> Sequence[Access]:
    """Every access to an account, those that have ended too."""
    asked = select(Access).where(col(Access.account_id) == account_id).order_by(col(Access.id))
    return (await context.session.exec(asked)).all()


async def concerned(context: ActContext, account: Account) -> tuple[int | RoleAt, ...]:
    """Who is told of a change: who has or waits for access, who keeps the account, who keeps the policy."""
    here = [
        one.person_id
        for one in await accesses(context, account.id or 0)
        if one.state is not AccessState.REVOKED and one.person_id != context.person_id
    ]
    keepers = custodians(context.policy, account.level, account.school_id)
    return tuple(dict.fromkeys((*here, *keepers, policy_office(context.policy))))


async def record(
    context: ActContext,
    account: Account,
    what: Changed,
    before: object,
    reason: str = "",
    *,
    key: str | None = None,
) -> int:
    """Keep what it was before, with who changed it and why; the number of the change."""
    made = await context.session.run(
        insert(table_of(AccountChange))
        .values(
            account_id=account.id,
            what=what,
            before="" if before is None else str(before),
            key=key,
            changed_at=context.now,
            changed_by_id=context.person_id,
            reason=reason,
        )
        .returning(table_of(AccountChange).c.id)
    )
    number = int(made.scalar_one())
    await context.note(
        subject_of(account),
        control=approving(context.policy, account.level),
        cause=f"{what} changed",
        body={"change": number},
    )
    return number


def tell(
    context: ActContext, account: Account, notice: NoticeFacts, people: Sequence[int | RoleAt], cause: str
) -> tuple[Step, ...]:
    """A notice about the account to each of these, but not to who did it."""
    about = subject_of(account)
    return tuple(Tell(notice, one, f"{about}/{cause}", about, (context.person_id,)) for one in people)


async def carry_out(context: ActContext, account: Account, steps: Sequence[Step]) -> None:
    """Carry out the steps; then let the gates look at the account's people, and the mail leave."""
    about = subject_of(account)
    woken = (Emit(EventKind.ADMINISTRATORS_NAMED, about), Emit(EventKind.NOTICES_WAITING, about))
    await context.apply(Outcome((*steps, *woken)))
