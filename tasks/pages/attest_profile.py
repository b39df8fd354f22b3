"""What a person saw on a profile that can't be read by us: whose account it is, for a while (6.3)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.authority import office_at
from policy.calendar import Calendar
from policy.controls.identify_owner import IdentifyOwner
from policy.model import Policy
from policy.reinstatement import COMMUNICATIONS
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Access, Account
from schemas.errors import NotAllowed, NotNow
from schemas.events import EventKind
from schemas.evidence import ProfileCheck
from schemas.outcome import Emit, Outcome, Subject
from schemas.receipt import Receipt
from schemas.standing_forms import ProfileSeenForm
from schemas.states import AccessState
from schemas.words import Level, SubjectKind, Via
from tasks.pages.looks import latest_look, latest_profile_check, profile_owners
from tasks.store import Store, audit, lookup
from tasks.store.apply import apply
from tasks.store.audit import Actor
from tasks.store.evidence import keep
from tasks.store.holders import holders


async def attest_profile(
    store: Store, policy: Policy, form: ProfileSeenForm, *, via: Via, now: datetime
) -> Receipt:
    """Record that somebody saw an owner's name and position on a classroom account's profile (6.3).

    Only while the latest look could not read the page: what we read ourselves, nobody says otherwise. By
    the principal or Communications, never by anybody who administers the account: four eyes. It holds for the
    policy's `profile_attested_good_days`, as long as the owner has access.

    Raises:
        NotAllowed: for anybody else.
        NotNow: no classroom account, it has ended, its page was not looked at yet or could be read, or the
            owner does not administer it.
        Unknown: no such account or person.
    """
    calendar = Calendar(policy)
    today = calendar.today(now)
    async with store.write() as session:
        person_id = await lookup.person_id(session, form.person)
        owner_id = await lookup.person_id(session, form.owner)
        account = await lookup.by_id(session, Account, form.account)
        await _require_allowed(session, policy, account, person_id, now)
        if account.level is not Level.CLASSROOM:
            raise NotNow(
                f"Account {form.account} is of the level '{account.level}': only the profile of a classroom "
                "account must show name and position (6.3)."
            )
        if account.state in ENDED_ACCOUNTS:
            raise NotNow(f"Account {form.account} is '{account.state}': it has ended.")
        if owner_id not in {one.person_id for one in await profile_owners(session, form.account)}:
            raise NotNow(
                f"This owner does not administer account {form.account}: name one who has access to it (6.3)."
            )
        await _require_unread(session, account)
        good_through = today + timedelta(days=policy.identify_owner.attested_good_days)
        subject, actor = Subject(SubjectKind.ACCOUNT, form.account), Actor(person_id, via)
        await keep(
            session,
            ProfileCheck,
            account_id=form.account,
            person_id=owner_id,
            checked_at=now,
            shown=True,
            attested_by_id=person_id,
            good_through=good_through,
            detail=form.evidence,
        )
        await audit.append(
            session,
            subject,
            actor=actor,
            control=policy.name_of(IdentifyOwner),
            cause="profile attested",
            now=now,
            body={"owner": owner_id, "good through": good_through.isoformat()},
        )
        await apply(
            session,
            Outcome((Emit(EventKind.PAGE_CHECKED, subject),)),
            actor=actor,
            calendar=calendar,
            now=now,
        )
    return Receipt(
        subject, "attested", f"Attested until {good_through}; the profile is still looked at meanwhile."
    )


async def _require_allowed(
    session: AsyncSession, policy: Policy, account: Account, person_id: int, now: datetime
) -> None:
    """Raises NotAllowed for all but the principal and Communications, and for who has access oneself."""
    today = Calendar(policy).today(now)
    custodian = office_at(policy.custodians.at(account.level), account.school_id)
    allowed = {
        one.person_id
        for office in (custodian, COMMUNICATIONS)
        for one in await holders(session, office, today)
    }
    if person_id not in allowed:
        raise NotAllowed(
            f"Only Communications, or who keeps account {account.id}, attests what its profile shows (6.3)."
        )
    own = await (await session.connection()).execute(
        select(col(Access.id)).where(
            col(Access.account_id) == account.id,
            col(Access.person_id) == person_id,
            col(Access.state) != AccessState.REVOKED,
        )
    )
    if own.first() is not None:
        raise NotAllowed(
            f"What the profile of account {account.id} shows is attested by somebody who has no access to it "
            "(6.3)."
        )


async def _require_unread(session: AsyncSession, account: Account) -> None:
    """Raises NotNow where nobody has looked at the page, or where our own latest look read its profile."""
    number = account.id or 0
    look, profile = await latest_look(session, number), await latest_profile_check(session, number)
    if look is None or look.address != account.address:
        raise NotNow(f"Nobody has looked at this page yet: run `steward attest page {number}` first.")
    if profile is None or profile.attested_by_id is not None or profile.checked_at < look.checked_at:
        return
    raise NotNow(
        f"Steward read this page itself: {profile.detail} Mend the profile, or have it looked at again with "
        f"`steward attest page {number}`."
    )
