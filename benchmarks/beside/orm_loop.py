"""The standing rules as a plain loop over accounts would hold them: load objects, judge in Python, save.

The judging is the tests' oracle: each rule said once more in plain Python, over the rows of one account.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select

from policy.model import Policy
from schemas.accounts import Access, Account
from schemas.evidence import CheckIn, ListReview, PageCheck, PrivacyReview, ProfileCheck, Rotation
from schemas.findings import Finding
from schemas.gates import Acceptance, Completion, GuidelineReceipt
from schemas.people import Designation, Person, Role
from schemas.public import Correction, Enquiry
from schemas.states import AccountState
from tasks.store import Store
from tasks.store.session import Session
from tests.factories.division import Division
from tests.rules.oracle import ORACLES

T = TypeVar("T", bound=SQLModel)


async def _all(session: Session, model: type[T], column: Any, values: Sequence[int]) -> list[T]:
    return list(await session.exec(select(model).where(col(column).in_(values)).order_by(col(model.id))))  # type: ignore[attr-defined]


async def _loaded(session: Session, account: Account) -> Division:
    """The account with everything that a rule may ask of it: its people, gates and evidence."""
    of = [account.id or 0]
    accesses = await _all(session, Access, Access.account_id, of)
    people = sorted({one.person_id for one in accesses})
    return Division(
        accounts=[account],
        accesses=accesses,
        people=await _all(session, Person, Person.id, people),
        roles=await _all(session, Role, Role.person_id, people),
        designations=await _all(session, Designation, Designation.person_id, people),
        completions=await _all(session, Completion, Completion.person_id, people),
        receipts=await _all(session, GuidelineReceipt, GuidelineReceipt.person_id, people),
        acceptances=await _all(session, Acceptance, Acceptance.account_id, of),
        reviews=await _all(session, PrivacyReview, PrivacyReview.account_id, of),
        checks=await _all(session, PageCheck, PageCheck.account_id, of),
        profiles=await _all(session, ProfileCheck, ProfileCheck.account_id, of),
        rotations=await _all(session, Rotation, Rotation.account_id, of),
        list_reviews=await _all(session, ListReview, ListReview.account_id, of),
        check_ins=await _all(session, CheckIn, CheckIn.account_id, of),
        enquiries=await _all(session, Enquiry, Enquiry.account_id, of),
        corrections=await _all(session, Correction, Correction.account_id, of),
    )


async def hold_one(session: Session, account: Account, policy: Policy, today: date, now: datetime) -> None:
    """Open and resolve the findings of one account."""
    division = await _loaded(session, account)
    asked = select(Finding).where(col(Finding.account_id) == account.id, col(Finding.resolved_at).is_(None))
    there = {(one.control, one.person_id): one for one in await session.exec(asked)}
    violated = {
        (control, person): due
        for control, judge in ORACLES.items()
        for _, person, due in judge(division, policy, today)
    }
    for (control, person), due in violated.items():
        if (control, person) not in there:
            session.add(
                Finding(
                    control=control, account_id=account.id or 0, person_id=person, due_on=due, opened_at=now
                )
            )
    for key, finding in there.items():
        if key not in violated:
            finding.resolved_at = now


async def loop(store: Store, accounts: Sequence[int], policy: Policy, today: date, now: datetime) -> None:
    """One account after the other, each in a session and a transaction of its own."""
    for number in accounts:
        async with store.write(audited=False) as session:
            account = await session.get(Account, number)
            if account is not None and account.state is AccountState.LIVE:
                await hold_one(session, account, policy, today, now)
