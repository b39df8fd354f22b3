"""How an account that was there before Steward came in: the day, and the file."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from schemas.machinery import AuditEntry
from schemas.words import SubjectKind
from tasks.store.session import Session

#: How the first entry of such an account begins; the number of the import follows.
FOUND = "found, import "


@dataclass(frozen=True)
class FoundIn:
    """The import that took an account in. `file` is empty where it was not kept. `at` is an instant."""

    number: int
    file: str
    control: str
    at: datetime


async def found_in(session: Session, account_id: int) -> FoundIn | None:
    """By which import the account came in; None where somebody asked for it here."""
    entry = select(col(AuditEntry.at), col(AuditEntry.control), col(AuditEntry.cause)).where(
        col(AuditEntry.subject_kind) == SubjectKind.ACCOUNT, col(AuditEntry.subject_id) == account_id
    )
    first = (await session.run(entry.order_by(col(AuditEntry.seq)).limit(1))).first()
    if first is None or not first.cause.startswith(FOUND):
        return None
    number = int(first.cause.removeprefix(FOUND))
    whole = select(col(AuditEntry.body)).where(
        col(AuditEntry.subject_kind) == SubjectKind.IMPORT,
        col(AuditEntry.subject_id) == number,
        col(AuditEntry.at) == first.at,
    )
    bodies = (await session.run(whole.order_by(col(AuditEntry.seq)))).scalars()
    file = next((body["file"] for body in bodies if body and "file" in body), "")
    return FoundIn(number, file, first.control, first.at)
