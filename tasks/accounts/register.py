"""The public list of accounts: what anybody may know, and nothing of any person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, bindparam, or_, select
from sqlmodel import col

from policy.model import Policy
from policy.verifying import Listed, Register
from schemas.accounts import Account
from schemas.machinery import AuditEntry
from schemas.people import School
from schemas.states import AccountState
from schemas.words import SubjectKind
from tasks.store import Store
from tasks.store.session import Session

#: What the public sees. Before that an account is a plan, and afterwards it is nobody's word.
_SHOWN = (AccountState.LIVE, AccountState.SUSPENDED)


#: So many accounts are read at once: other pages are answered between two of such parts.
_AT_ONCE = 400
_LAST: BindParameter[int] = bindparam("last", type_=Integer())
_PART: Select[*tuple[Any, ...]] = (
    select(
        *(col(Account.id), col(Account.platform), col(Account.handle), col(Account.address)),
        *(col(Account.platform_id), col(School.name).label("school"), col(Account.level)),
        *(col(Account.state), col(Account.live_since), col(Account.handle_key), col(Account.page_key)),
    )
    .outerjoin(School, col(School.id) == col(Account.school_id))
    .where(col(Account.id) > _LAST, col(Account.state).in_(_SHOWN))
    .order_by(col(Account.id))
    .limit(bindparam("at_once", type_=Integer()))
)


async def public_register(store: Store, policy: Policy) -> Register:
    """Every account that is live or suspended.

    Each part is read in a session of its own: a long list takes seconds, and on SQLite nobody could write
    meanwhile. So it is not of one moment. Raises StoreUnavailable.
    """
    register, last = Register((), policy.platforms), 0
    while True:
        given = {"last": last, "at_once": _AT_ONCE}
        async with store.read() as session:
            rows = await session.rows(_PART, given)
        for row in rows:
            register.add(
                Listed(
                    platform=row.platform,
                    handle=row.handle,
                    address=row.address or "",
                    platform_id=row.platform_id or "",
                    run_by=row.school or policy.organization.name,
                    level=policy.label(row.level),
                    state=str(row.state),
                    since=row.live_since.astimezone(policy.zone).date() if row.live_since else None,
                    handle_key=row.handle_key,
                    page_key=row.page_key,
                    number=row.id,
                )
            )
        if len(rows) < _AT_ONCE:
            return register
        last = rows[-1].id


@dataclass(frozen=True)
class Changed:
    """What became of an account that the public may know of, at an instant. `entry` makes it its own."""

    entry: int
    at: datetime
    platform: str
    handle: str
    run_by: str
    became: str


async def public_changes(session: Session, policy: Policy, at_most: int) -> Sequence[Changed]:
    """The newest changes of the list: what came, was suspended, came back, or went. Nothing of any plan."""
    entry = AuditEntry
    asked = (
        select(
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
        for seq, at, state, platform, handle, school in await session.run(asked)
    ]
