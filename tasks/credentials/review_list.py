"""Recording that somebody looked at the platform's own list of an account's administrators."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import Field
from sqlalchemy import insert
from sqlmodel import col, select

from policy.controls.list_review import ListReview as ListReviewControl
from policy.model import Policy
from policy.notices.access import AccessRevoked
from policy.notices.credentials import ListReviewed
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.errors import AlreadyDone, BadInput, NotAllowed, NotNow
from schemas.events import EventKind
from schemas.evidence import ListReview
from schemas.forms import ActForm, OnCommand, PersonRef
from schemas.outcome import Emit, Move, Outcome, RoleAt, Settle, Step, Subject, Tell
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, SubjectKind
from tasks.acts.act import act
from tasks.acts.context import ActContext
from tasks.acts.who import climbed
from tasks.credentials.rotate import CONCERNED, concerned
from tasks.store import lookup
from tasks.store.holders import holders
from tasks.store.session import Session

#: The accesses that somebody may be found to have no longer.
HELD = frozenset({AccessState.GRANTED, AccessState.SUSPENDED})


class ReviewForm(ActForm):
    """You looked on the platform at who administers an account without a shared password."""

    account: Annotated[int, OnCommand(positional=True)] = Field(title="Account number", ge=1)
    remove: tuple[PersonRef, ...] = Field(
        default=(),
        title="No longer administrators",
        description="Somebody who no longer administers it: e-mail address, number or name; several may be "
        "named.",
    )


@act(
    ReviewForm,
    who=CONCERNED | climbed(ItemKind.REVIEW_ADMINISTRATORS),
    does="records a review of its administrators",
    control=(ListReviewControl,),
)
async def record_review(context: ActContext, form: ReviewForm) -> Receipt:
    """Record that everybody who has access here still administers the account, but for those in `remove`.

    Their access is revoked, and they are told; every other administrator and who keeps the policy read of
    the review in their digest. Somebody with access must be left. Who still works here is taken off only by
    whoever keeps the policy, by the school's administration, or by their own word: administrators do not
    shut each other out.

    Raises NotNow for an account with a shared password, one that is not in use, and for the last who has
    access; NotAllowed for taking off who may not be; AlreadyDone, BadInput for somebody who has no access,
    Unknown.
    """
    session, policy, calendar, now = context.session, context.policy, context.calendar, context.now
    today = context.today
    account_id = form.account
    account = await lookup.by_id(session, Account, account_id)
    inside, officers = await concerned(session, account_id, policy, today)
    if policy.custody_terms(account.custody).rotates:
        raise NotNow(
            f"Account {account_id} has a shared password: record its change with `steward rotate record`."
        )
    if account.state not in {AccountState.LIVE, AccountState.SUSPENDED}:
        raise NotNow(f"Account {account_id} is '{account.state}': there is no list to look at.")
    going = await _going(session, account_id, form.remove)
    gone = {access.person_id for access in going}
    if context.person_id not in officers:
        await _allow_taking_off(session, account, context.person_id, gone, policy, today)
    if not inside - gone:
        raise NotNow(f"Nobody with access to account {account_id} would be left: find somebody for it first.")
    latest = await _latest(session, account_id)
    if latest is not None and not going and calendar.today(latest.reviewed_at) == today:
        raise AlreadyDone(f"The review of account {account_id} is recorded for today already.")
    made = await session.run(
        insert(table_of(ListReview))
        .values(
            account_id=account_id,
            reviewed_at=now,
            reviewed_by_id=context.person_id,
            removed=sorted(gone),
            recorded_via=context.actor.via,
        )
        .returning(table_of(ListReview).c.id)
    )
    review_id = made.scalar_one()
    subject = Subject(SubjectKind.ACCOUNT, account_id)
    await context.note(
        subject,
        control=context.policy.name_of(ListReviewControl),
        cause="administrators reviewed",
        body={"review": review_id, "removed": sorted(gone)},
    )
    steps: list[Step] = [Settle(about=subject, kinds=(ItemKind.REVIEW_ADMINISTRATORS,))]
    for access in going:
        steps += _revoke(access, context.policy.name_of(ListReviewControl))
    told = ListReviewed(reviewed_on=today, by_id=context.person_id, removed=len(going))
    others = sorted((inside | officers) - gone - {context.person_id})
    steps += [Tell(told, one, f"{subject}/review:{review_id}", subject) for one in others]
    await context.apply(Outcome(tuple(steps)))
    said = [f"The review of account {account_id} is recorded."]
    if others:
        said.append("1 person is told." if len(others) == 1 else f"{len(others)} people are told.")
    if going:
        said.append("1 person lost access." if len(going) == 1 else f"{len(going)} people lost access.")
    return Receipt(subject, "recorded", " ".join(said))


async def _going(session: Session, account_id: int, remove: Sequence[str]) -> list[Access]:
    """The accesses of those who no longer administer it. Raises Unknown, BadInput."""
    going: dict[int, Access] = {}
    for email in remove:
        person_id = await lookup.person_id(session, email, must_be_active=False)
        access = (
            await session.exec(
                select(Access).where(col(Access.account_id) == account_id, col(Access.person_id) == person_id)
            )
        ).first()
        if access is None or access.state not in HELD:
            raise BadInput(
                f"Somebody who is to be removed has no access to account {account_id}: look again."
            )
        going[person_id] = access
    return list(going.values())


async def _allow_taking_off(
    session: Session, account: Account, by_id: int, gone: set[int], policy: Policy, today: date
) -> None:
    """Whether somebody who does not keep the policy may take these off. Raises NotAllowed."""
    here = await session.run(
        select(col(Person.id)).where(col(Person.id).in_(gone - {by_id}), col(Person.active))
    )
    if here.first() is None:
        return
    office = RoleAt(policy.duties.runs_school, account.school_id)
    administration = await holders(session, office, today) if account.school_id is not None else ()
    if by_id not in {one.person_id for one in administration}:
        raise NotAllowed(
            f"Who still works here is taken off account {account.id} by the administration of its school or "
            f"by the {policy.label(policy.duties.keeps_policy)}: ask them to record it."
        )


def _revoke(access: Access, control: str) -> list[Step]:
    """Off the list: the access ends, and so does what was asked of the person for it."""
    subject = Subject(SubjectKind.ACCESS, access.id or 0)
    cause = f"{subject}/v{access.version}/revoked"
    told = AccessRevoked(control=control)
    return [
        Move(
            subject, access.state, access.version, AccessState.REVOKED, control, "not on the platform's list"
        ),
        Settle(about=subject, kinds=tuple(ItemKind), done=False),
        Tell(told, access.person_id, cause, subject),
        Emit(EventKind.ACCESS_CHANGED, subject),
    ]


async def _latest(session: Session, account_id: int) -> ListReview | None:
    rows = await session.exec(
        select(ListReview)
        .where(col(ListReview.account_id) == account_id)
        .order_by(col(ListReview.reviewed_at).desc(), col(ListReview.id).desc())
        .limit(1)
    )
    return rows.first()
