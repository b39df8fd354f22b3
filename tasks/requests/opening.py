"""An approved request becomes an account with waiting accesses."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from policy.authority import approving
from policy.identity import handle_key
from policy.model import Policy
from schemas.accounts import AccountRequest
from schemas.states import AccessState, AccountState
from schemas.words import AccessRole, SubjectKind
from tasks.store.audit import Actor
from tasks.store.session import Session
from tasks.store.transition import begin


async def open_account(
    session: Session,
    policy: Policy,
    row: AccountRequest,
    *,
    training_required: bool | None,
    actor: Actor,
    now: datetime,
) -> int:
    """An approved request becomes an account, with a waiting access for each administrator."""
    control = approving(policy, row.level)
    account = await begin(
        session,
        SubjectKind.ACCOUNT,
        state=AccountState.APPROVED,
        actor=actor,
        control=control,
        cause=f"request {row.id} approved",
        now=now,
        level=row.level,
        channel=row.channel,
        platform=row.platform,
        handle=row.handle,
        handle_key=handle_key(row.handle),
        purpose=row.wish["purpose"],
        school_id=row.school_id,
        custody=row.wish["custody"],
        training_required=training_required,
        custodian_is_administrator=False,
    )
    await session.run(
        update(AccountRequest).where(col(AccountRequest.id) == row.id).values(account_id=account.id)
    )
    for person_id in row.wish["administrators"]:
        await open_access(session, account.id, person_id, control=control, actor=actor, now=now)
    return account.id


async def open_access(
    session: Session, account_id: int, person_id: int, *, control: str, actor: Actor, now: datetime
) -> int:
    """A waiting access: granted once the person's gates are met."""
    access = await begin(
        session,
        SubjectKind.ACCESS,
        state=AccessState.WAITING,
        actor=actor,
        control=control,
        cause="named as administrator",
        now=now,
        account_id=account_id,
        person_id=person_id,
        role=AccessRole.ADMINISTRATOR,
    )
    return access.id
