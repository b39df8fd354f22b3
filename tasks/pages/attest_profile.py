"""What a person saw on a profile that can't be read by us: whose account it is, for a while."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from policy.controls.identify_owner import IdentifyOwner
from policy.training_gate import ENDED_ACCOUNTS
from schemas.accounts import Account
from schemas.errors import NotNow
from schemas.events import EventKind
from schemas.evidence import ProfileCheck
from schemas.forms import ActForm, OnCommand, PersonRef, Reason
from schemas.outcome import Emit, Outcome, Subject
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.second_person import SECOND_PERSON
from tasks.pages.looks import latest_look, latest_profile_check, profile_owners
from tasks.store import lookup
from tasks.store.evidence import keep
from tasks.store.session import Session


class ProfileSeenForm(ActForm):
    """You saw its owner's name and position on an account's profile that Steward can't read."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    owner: PersonRef = Field(
        title="Whose name and position",
        description="One who administers the account.",
    )
    evidence: Reason = Field(
        title="What shows it", description="Where the picture of the profile is kept, or how you looked."
    )


@act(
    ProfileSeenForm,
    who=SECOND_PERSON,
    does="attests what its profile shows",
    control=(IdentifyOwner,),
    in_person=True,
)
async def attest_profile(context: ActContext, form: ProfileSeenForm) -> Receipt:
    """Record that somebody saw an owner's name and position on an account's profile.

    Only while the latest look could not read the page: what we read ourselves, nobody says otherwise. By
    a second person, never by anybody who administers the account. It holds
    for the control's `attested_good_days`, as long as the owner has access.

    Raises:
        NotNow: the policy has no owner named there, the account has ended, its page was not looked at yet or
            could be read, or the owner does not administer it.
        Unknown: no such account or person.
    """
    account = await lookup.by_id(context.session, Account, form.account)
    good_through = await saw_owner(context, account, form.owner, form.evidence)
    subject = Subject(SubjectKind.ACCOUNT, form.account)
    await context.apply(Outcome((Emit(EventKind.PAGE_CHECKED, subject),)))
    return Receipt(
        subject, "attested", f"Attested until {good_through}; the profile is still looked at meanwhile."
    )


async def saw_owner(context: ActContext, account: Account, owner: str, evidence: str) -> date:
    """Keep that somebody saw an owner's name and position on a profile; the last day on which it holds.

    Raises NotNow and Unknown, as `attest_profile` says.
    """
    session, policy, now, number = context.session, context.policy, context.now, account.id or 0
    owner_id = await lookup.person_id(session, owner)
    owner_named = policy.applying(IdentifyOwner, level=account.level)
    if not owner_named:
        raise NotNow(
            f"The profile of a {policy.label(account.level)} account need not show name and position: there "
            "is nothing to attest."
        )
    if account.state in ENDED_ACCOUNTS:
        raise NotNow(f"Account {number} is '{account.state}': it has ended.")
    if owner_id not in {one.person_id for one in await profile_owners(session, number)}:
        raise NotNow(f"This owner does not administer account {number}: name one who has access to it.")
    await _require_unread(session, account)
    good_through = context.today + timedelta(days=min(one.attested_good_days for one in owner_named))
    await keep(
        session,
        ProfileCheck,
        account_id=number,
        person_id=owner_id,
        checked_at=now,
        shown=True,
        attested_by_id=context.person_id,
        good_through=good_through,
        detail=evidence,
    )
    await context.note(
        Subject(SubjectKind.ACCOUNT, number),
        control=owner_named[0].name,
        cause="profile attested",
        body={"owner": owner_id, "good through": good_through.isoformat()},
    )
    return good_through


async def _require_unread(session: Session, account: Account) -> None:
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
