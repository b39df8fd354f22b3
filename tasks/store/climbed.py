"""To which offices an open item has climbed: whoever is asked may do what is asked."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, or_, select
from sqlmodel import col

from policy.authority import office_at
from policy.model import Policy
from schemas.findings import Finding
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt, Subject
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.store.engine import OPEN
from tasks.store.session import Session


@dataclass(frozen=True)
class Open:
    """An open item about an account or a finding there: which office it is asked of, and has climbed to."""

    kind: ItemKind
    itself: bool
    role: str | None
    role_school_id: int | None
    climbed_to: str | None


async def open_at(session: Session, account_id: int) -> tuple[Open, ...]:
    """The open items about an account and its findings. A session that sees one moment asks once for each."""
    kept: dict[int, tuple[Open, ...]] = session.info.get(OPEN, {})
    if account_id not in kept:
        rows = await session.run(_open_at(), {"account": account_id})
        kept[account_id] = tuple(
            Open(ItemKind(row[0]), row[1] is SubjectKind.ACCOUNT, row[2], row[3], row[4]) for row in rows
        )
    return kept[account_id]


@cache
def _open_at() -> Select[*tuple[Any, ...]]:
    """The select of them, made once. Each half goes by what the items are about."""
    kind, number = col(ActionItem.subject_kind), col(ActionItem.subject_id)
    account: BindParameter[int] = bindparam("account")
    findings = select(col(Finding.id)).where(col(Finding.account_id) == account)
    return select(
        *(col(ActionItem.kind), kind, col(ActionItem.role), col(ActionItem.role_school_id)),
        col(ActionItem.climbed_to),
    ).where(
        col(ActionItem.state) == ItemState.OPEN,
        or_(
            and_(kind == SubjectKind.ACCOUNT, number == account),
            and_(kind == SubjectKind.FINDING, number.in_(findings)),
        ),
    )


async def climbed_to(
    session: Session, policy: Policy, kind: ItemKind, about: Subject, school_id: int | None
) -> tuple[RoleAt, ...]:
    """The offices that the open items of a kind about a subject have climbed to, the lower ones first.

    Items about findings of an account are about that account. An office of a school is the one at
    `school_id`. Those that were passed on the way are among them: they were asked and are not reminded any
    more, but may still do it.
    """
    if about.kind is SubjectKind.ACCOUNT:
        reached = {one.climbed_to for one in await open_at(session, about.id) if one.kind is kind}
    else:
        asked = select(col(ActionItem.climbed_to)).where(
            col(ActionItem.state) == ItemState.OPEN,
            col(ActionItem.kind) == kind,
            col(ActionItem.subject_kind) == about.kind,
            col(ActionItem.subject_id) == about.id,
        )
        reached = set((await session.run(asked)).scalars())
    ladder = [climb.to for climb in policy.terms(kind).climbs]
    top = max((ladder.index(one) for one in reached if one in ladder), default=-1)
    return tuple(office_at(policy.office(one), school_id) for one in ladder[: top + 1])
