"""The facts of lists of administrators, of many accounts at once: four statements for all of them."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import and_, func, not_, select
from sqlmodel import col

from policy.controls.list_review import ListReview as ListReviewControl
from policy.credential_rotation import asked_on
from policy.model import Policy
from policy.selects import rotates, start_of
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.evidence import ListReview
from schemas.facts import ListReviewFacts
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import CustodyMode, ItemKind, SubjectKind
from tasks.credentials.lately import either, nothing_since
from tasks.credentials.selects import ACCOUNTS, asked_by
from tasks.store.asked import asked_about
from tasks.store.given import IDS, among
from tasks.store.session import Session


async def reviewing(session: Session, policy: Policy, today: date) -> dict[int, str]:
    """The accounts whose list may be due to be asked for, or no longer; their handles.

    Live ones without a secret that rotates that nobody has looked at for nearly as long as the policy says,
    and those that were asked. What is due, if anything, `decide_review` says.
    """
    asked = col(Account.id).in_(asked_about(ItemKind.REVIEW_ADMINISTRATORS, SubjectKind.ACCOUNT))
    review = policy.first(ListReviewControl)
    if review is None:
        return await either(session, asked)
    ladder = review.reminders_days_before
    last_due = policy.calendar.asked_through(today, lambda due: asked_on(due, ladder, policy.calendar))
    looked = start_of(last_due - timedelta(days=review.every_days - 1), policy.zone)
    live = and_(col(Account.state) == AccountState.LIVE, not_(rotates(policy)))
    return await either(session, and_(live, nothing_since(table_of(ListReview).c.reviewed_at, looked)), asked)


#: When somebody last looked at the list of each.
_REVIEWED = (
    select(col(ListReview.account_id), func.max(col(ListReview.reviewed_at)).label("at"))
    .where(among(col(ListReview.account_id), IDS))
    .group_by(col(ListReview.account_id))
)
#: Who has access and is here.
_ADMINISTRATORS = (
    select(col(Access.account_id), col(Access.person_id))
    .join(Person, col(Person.id) == col(Access.person_id))
    .where(
        among(col(Access.account_id), IDS),
        col(Access.state) == AccessState.GRANTED,
        col(Person.active),
    )
    .order_by(col(Access.person_id))
)
#: The open items that ask for a look.
_ITEMS = asked_by(ItemKind.REVIEW_ADMINISTRATORS)


async def review_facts(session: Session, account_ids: Sequence[int]) -> tuple[ListReviewFacts, ...]:
    """The facts of these accounts, in the order of their numbers.

    A list counts as reviewed when the account became live.
    """
    if not account_ids:
        return ()
    of = {"ids": account_ids}
    reviewed = {row.account_id: row.at for row in await session.run(_REVIEWED, of)}
    administrators: dict[int, tuple[int, ...]] = {}
    for one in await session.run(_ADMINISTRATORS, of):
        administrators[one.account_id] = (*administrators.get(one.account_id, ()), one.person_id)
    asked: dict[int, frozenset[str]] = {}
    for item in await session.run(_ITEMS, of):
        asked[item.subject_id] = asked.get(item.subject_id, frozenset()) | {item.key}
    accounts = await session.run(ACCOUNTS, of)
    return tuple(
        ListReviewFacts(
            account_id=row.id,
            account_state=AccountState(row.state),
            custody=CustodyMode(row.custody),
            reviewed_at=max(row.since, reviewed.get(row.id, row.since)),
            administrators=administrators.get(row.id, ()),
            asked=asked.get(row.id, frozenset()),
        )
        for row in accounts
    )
