"""The public list of accounts: what anybody may know, and nothing of any person."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from policy.verifying import Listed, Register
from schemas.accounts import Account
from schemas.people import School
from schemas.states import AccountState

#: What the public sees. Before that an account is a plan, and afterwards it is nobody's word.
_SHOWN = (AccountState.LIVE, AccountState.SUSPENDED)


async def public_register(session: AsyncSession, policy: Policy) -> Register:
    """Every account that is live or suspended, by platform and handle."""
    rows = await session.exec(
        select(Account, School.name)
        .outerjoin(School, col(School.id) == col(Account.school_id))
        .where(col(Account.state).in_(_SHOWN))
        .order_by(col(Account.platform), col(Account.handle_key), col(Account.id))
    )
    return Register(
        [
            Listed(
                platform=account.platform,
                handle=account.handle,
                address=account.address or "",
                platform_id=account.platform_id or "",
                run_by=school or policy.organization.name,
                level=policy.label(account.level),
                state=str(account.state),
                since=account.live_since.astimezone(policy.zone).date() if account.live_since else None,
                handle_key=account.handle_key,
                page_key=account.page_key,
            )
            for account, school in rows.all()
        ],
        policy.platforms,
    )
