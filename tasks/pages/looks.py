"""The looks at an account's page and at its profile."""

from datetime import date

from sqlmodel import col, select

from policy.controls.display import UNSEEN
from schemas.accounts import Access
from schemas.evidence import PageCheck, ProfileCheck
from schemas.facts import ProfileOwner
from schemas.people import Person
from schemas.states import AccessState
from schemas.words import AccessRole
from tasks.store.session import Session


async def latest_look(session: Session, account_id: int) -> PageCheck | None:
    """The newest look at an account's page, by us or by somebody who attested it; None before the first."""
    found = await session.exec(
        select(PageCheck).where(col(PageCheck.account_id) == account_id, col(PageCheck.latest))
    )
    return found.first()


async def standing(session: Session, account_id: int, seen: PageCheck, today: date) -> PageCheck | None:
    """What a person said of a page and what still stands on `today`, beside what was `seen` now.

    It stands where the page could not be read, or the look found again what the person overruled.
    """
    last = await latest_look(session, account_id)
    if last is None or last.good_through is None or last.good_through < today:
        return None
    same = last.address == seen.address and last.notice_version == seen.notice_version
    return last if same and (seen.verdict in UNSEEN or seen.verdict is last.overrules) else None


async def latest_profile_check(session: Session, account_id: int) -> ProfileCheck | None:
    """The newest look for name and position on an account's profile; None before the first."""
    found = await session.exec(
        select(ProfileCheck).where(col(ProfileCheck.account_id) == account_id, col(ProfileCheck.latest))
    )
    return found.first()


async def profile_owners(session: Session, account_id: int) -> tuple[ProfileOwner, ...]:
    """Who administers an account now and is still here: whose name its profile may show."""
    found = await session.exec(
        select(Person)
        .join(Access, col(Access.person_id) == col(Person.id))
        .where(
            col(Access.account_id) == account_id,
            col(Access.role) == AccessRole.ADMINISTRATOR,
            col(Access.state) == AccessState.GRANTED,
            col(Person.active),
        )
        .order_by(col(Access.id))
    )
    return tuple(
        ProfileOwner(one.id or 0, one.given_name, one.family_name, one.position) for one in found.all()
    )
