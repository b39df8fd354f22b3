"""What became lately of a school's accounts and of who administers them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlmodel import col

from schemas.accounts import Access, Account
from schemas.machinery import AuditEntry
from schemas.people import Person
from schemas.words import SubjectKind
from tasks.store.session import Session


@dataclass(frozen=True)
class ChangedAt:
    """One change of a state. `about`: account or access; `by` is empty where Steward did it."""

    at: datetime
    account: int
    platform: str
    handle: str
    about: str
    became: str
    cause: str
    by: str


async def changed_at_school(
    session: Session, school: int, since: datetime, at_most: int
) -> Sequence[ChangedAt]:
    """The changes since an instant, the newest first."""
    kind, subject = col(AuditEntry.subject_kind), col(AuditEntry.subject_id)
    rows = await session.run(
        select(
            col(AuditEntry.at),
            col(Account.id),
            col(Account.platform),
            col(Account.handle),
            kind,
            col(AuditEntry.to_state),
            col(AuditEntry.cause),
            col(Person.given_name),
            col(Person.family_name),
        )
        .outerjoin(Access, and_(kind == SubjectKind.ACCESS, subject == col(Access.id)))
        .join(
            Account,
            or_(
                and_(kind == SubjectKind.ACCOUNT, subject == col(Account.id)),
                col(Access.account_id) == col(Account.id),
            ),
        )
        .outerjoin(Person, col(Person.id) == col(AuditEntry.actor_id))
        .where(
            col(Account.school_id) == school,
            col(AuditEntry.at) >= since,
            col(AuditEntry.to_state).is_not(None),
        )
        .order_by(col(AuditEntry.seq).desc())
        .limit(at_most)
    )
    return [
        ChangedAt(
            at,
            number or 0,
            platform,
            handle,
            str(about),
            became or "",
            cause,
            f"{given} {family}" if given else "",
        )
        for at, number, platform, handle, about, became, cause, given, family in rows
    ]
