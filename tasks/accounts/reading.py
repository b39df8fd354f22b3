"""Who may read all that is known of an account: whoever may act on it, or approves such accounts."""

from datetime import datetime
from types import SimpleNamespace

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from policy.privacy import checklist_for
from schemas.accounts import Access, Account
from schemas.states import AccessState
from schemas.words import Via
from tasks.acts.context import ActContext
from tasks.acts.who import ADMINISTRATOR, APPROVER, CUSTODIAN, ITS_SCHOOL, POLICY_OFFICE, SANCTION_OFFICE
from tasks.store.audit import Actor

_WHO = ADMINISTRATOR | CUSTODIAN | ITS_SCHOOL | APPROVER | POLICY_OFFICE | SANCTION_OFFICE


#: A person's accesses to an account that were not revoked.
_THEIRS = select(Access.id).where(
    col(Access.account_id) == bindparam("account"),
    col(Access.person_id) == bindparam("person"),
    col(Access.state) != AccessState.REVOKED,
)


async def may_read(session: AsyncSession, policy: Policy, person: int, account: int, now: datetime) -> bool:
    """Whether a person may; False for an account that is not there, so that nobody learns which are."""
    if await session.get(Account, account) is None:
        return False
    given = {"account": account, "person": person}
    if (await session.exec(_THEIRS, params=given)).first() is not None:
        return True
    context = ActContext(session, policy, policy.calendar, Actor(person, Via.PORTAL), now)
    return await _WHO.test(context, SimpleNamespace(account=account)) is not None


async def settings(
    session: AsyncSession, policy: Policy, person: int, account: int, now: datetime
) -> tuple[tuple[str, str], ...]:
    """The privacy settings of an account's platform: id, and the setting with the way to it.

    None where the person may not read the account, it is not there, or nothing is asked of it.
    """
    row = await session.get(Account, account)
    if row is None or not await may_read(session, policy, person, account, now):
        return ()
    asked = checklist_for(row, policy)
    return () if asked is None else tuple((one.id, one.step) for one in asked.items)


async def called(session: AsyncSession, policy: Policy, person: int, account: int, now: datetime) -> str:
    """What people call an account; empty where the person may not read it, or it is not there."""
    row = await session.get(Account, account)
    if row is None or not await may_read(session, policy, person, account, now):
        return ""
    return policy.says_account(row.platform, row.handle)
