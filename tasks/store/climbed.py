"""To which offices an open item has climbed: whoever is asked may do what is asked."""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.authority import office_at
from policy.model import Policy
from schemas.findings import Finding
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt, Subject
from schemas.words import ItemKind, ItemState, SubjectKind


def _is_about(about: Subject) -> ColumnElement[bool]:
    kind, number = col(ActionItem.subject_kind), col(ActionItem.subject_id)
    same = and_(kind == about.kind, number == about.id)
    if about.kind is not SubjectKind.ACCOUNT:
        return same
    findings = select(col(Finding.id)).where(col(Finding.account_id) == about.id)
    return or_(same, and_(kind == SubjectKind.FINDING, number.in_(findings)))


async def climbed_to(
    session: AsyncSession, policy: Policy, kind: ItemKind, about: Subject, school_id: int | None
) -> tuple[RoleAt, ...]:
    """The offices that the open items of a kind about a subject have climbed to, the lower ones first.

    Items about findings of an account are about that account. An office of a school is the one at
    `school_id`. Those that were passed on the way are among them: they were asked and are not reminded any
    more, but may still do it.
    """
    reached = await (await session.connection()).execute(
        select(col(ActionItem.climbed_to))
        .where(
            col(ActionItem.state) == ItemState.OPEN,
            col(ActionItem.kind) == kind,
            _is_about(about),
            col(ActionItem.climbed_to).is_not(None),
        )
        .distinct()
    )
    ladder = [climb.to for climb in policy.terms(kind).climbs]
    top = max((ladder.index(one) for one in reached.scalars() if one in ladder), default=-1)
    return tuple(office_at(policy.office(one), school_id) for one in ladder[: top + 1])
