"""The public list of accounts: what anybody may know, and nothing of any person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model import Policy
from policy.verifying import Listed, Register
from schemas.accounts import Account
from schemas.machinery import AuditEntry
from schemas.people import School
from schemas.states import AccountState
from schemas.words import SubjectKind

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
                number=account.id or 0,
            )
            for account, school in rows.all()
        ],
        policy.platforms,
    )


@dataclass(frozen=True)
class Changed:
    """What became of an account that the public may know of, at an instant. `entry` makes it its own."""

    entry: int
    at: datetime
    platform: str
    handle: str
    run_by: str
    became: str


async def public_changes(session: AsyncSession, policy: Policy, at_most: int) -> Sequence[Changed]:
    """The newest changes of the list: what came, was suspended, came back, or went. Nothing of any plan."""
    entry = AuditEntry
    asked = (
        sql_select(
            col(entry.seq),
            col(entry.at),
            col(entry.to_state),
            col(Account.platform),
            col(Account.handle),
            col(School.name),
        )
        .join(Account, col(Account.id) == col(entry.subject_id))
        .outerjoin(School, col(School.id) == col(Account.school_id))
        .where(
            col(entry.subject_kind) == SubjectKind.ACCOUNT,
            or_(
                col(entry.to_state).in_(_SHOWN),
                col(entry.to_state).is_not(None) & col(entry.from_state).in_(_SHOWN),
            ),
        )
        .order_by(col(entry.seq).desc())
        .limit(at_most)
    )
    return [
        Changed(seq, at, platform, handle, school or policy.organization.name, str(state))
        for seq, at, state, platform, handle, school in await (await session.connection()).execute(asked)
    ]
