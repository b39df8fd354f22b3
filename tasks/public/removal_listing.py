"""What was taken down, as a list without its copies."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from schemas.accounts import Account
from schemas.people import Person
from schemas.public import Removal
from tasks.store import lookup
from tasks.store.page import Page, first
from tasks.store.session import Session


@dataclass(frozen=True)
class Listed:
    """One removal. `kept`: its copy is still there; `has_picture`: a picture was kept with it."""

    removal: int
    account: int
    handle: str
    platform: str
    ground: str
    removed_at: datetime
    removed_by: str
    kept: bool
    has_picture: bool
    undone_at: datetime | None


async def removals(
    session: Session, at_most: int | None, *, school: str | None = None, account: str | None = None
) -> Page[Listed]:
    """What was taken down, the newest first."""
    wanted = (
        select(
            *(
                col(Removal.id),
                col(Removal.account_id),
                col(Account.handle),
                col(Account.platform),
                col(Removal.ground),
            ),
            *(col(Removal.removed_at), col(Removal.emptied_at), col(Removal.undone_at)),
            *(col(Removal.picture_sha256), col(Person.given_name), col(Person.family_name)),
        )
        .join(Account, col(Account.id) == col(Removal.account_id))
        .join(Person, col(Person.id) == col(Removal.removed_by_id))
        .order_by(col(Removal.removed_at).desc(), col(Removal.id).desc())
    )
    if school is not None:
        wanted = wanted.where(col(Account.school_id) == (await lookup.school(session, school)).id)
    if account is not None:
        wanted = wanted.where(col(Account.id) == (await lookup.account(session, account)).id)
    rows, in_all = await first(session, wanted, at_most)
    found = tuple(
        Listed(
            removal=row.id,
            account=row.account_id,
            handle=row.handle,
            platform=row.platform,
            ground=row.ground,
            removed_at=row.removed_at,
            removed_by=f"{row.given_name} {row.family_name}",
            kept=row.emptied_at is None,
            has_picture=row.picture_sha256 is not None,
            undone_at=row.undone_at,
        )
        for row in rows
    )
    return Page(found, in_all)
