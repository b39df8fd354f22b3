"""To which offices an open item has climbed: whoever is asked may do what is asked."""

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.authority import office_at
from policy.model import Policy
from schemas.machinery import ActionItem
from schemas.outcome import RoleAt, Subject
from schemas.words import ItemKind, ItemState


async def climbed_to(
    session: AsyncSession, policy: Policy, kind: ItemKind, about: Subject, school_id: int | None
) -> tuple[RoleAt, ...]:
    """The offices that the open items of a kind about a subject have climbed to, the lower ones first.

    An office of a school is the one at `school_id`. Those that were passed on the way are among them:
    they were asked, and are reminded no more, but may still do it.
    """
    reached = await (await session.connection()).execute(
        select(col(ActionItem.climbed_to))
        .where(
            col(ActionItem.state) == ItemState.OPEN,
            col(ActionItem.kind) == kind,
            col(ActionItem.subject_kind) == about.kind,
            col(ActionItem.subject_id) == about.id,
            col(ActionItem.climbed_to).is_not(None),
        )
        .distinct()
    )
    ladder = [climb.to for climb in policy.terms(kind).climbs]
    top = max((ladder.index(one) for one in reached.scalars() if one in ladder), default=-1)
    return tuple(office_at(policy.office(one), school_id) for one in ladder[: top + 1])
