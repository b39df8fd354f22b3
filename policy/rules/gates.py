"""5.3 and 5.6: whoever has access acknowledged the guidelines and accepted responsibility."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, exists, literal, or_, select, true
from sqlmodel import col

from policy.model import Policy
from policy.rules.dates import day_of, plus_days
from policy.rules.form import Among, every_account, rule
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.gates import Acceptance, GuidelineReceipt
from schemas.people import Person
from schemas.states import AccessState


@rule(clause="5.3", scope=every_account)
def guidelines_are_acknowledged(policy: Policy, today: date, among: Among) -> Select[*tuple[Any, ...]]:
    """Every access granted on a live account whose person has not acknowledged a guideline that fits it.

    In its present version. Due the policy's days after the day on which it was sent; where it never was,
    counted from `today`: people are given time after a new version and after an inventory, too.
    """
    within = policy.standing.acknowledge_within_days
    from_today = literal(today + timedelta(days=within))
    lacking, was_sent, due = [], [], []
    joined = table_of(Account).join(table_of(Access), col(Access.account_id) == col(Account.id))
    for number, text in enumerate(policy.guidelines):
        receipt = table_of(GuidelineReceipt).alias(f"receipt_{number}")
        joined = joined.outerjoin(
            receipt,
            and_(
                receipt.c.person_id == col(Access.person_id),
                receipt.c.guideline == text.guideline,
                receipt.c.guideline_version == text.version,
            ),
        )
        lacks = and_(col(Account.channel).in_(text.fits), receipt.c.acknowledged_at.is_(None))
        sent = and_(lacks, receipt.c.sent_at.is_not(None))
        lacking.append(lacks)
        was_sent.append(sent)
        due.append((sent, plus_days(day_of(receipt.c.sent_at, policy.zone, today), within)))
    return (
        select(
            col(Account.id).label("account_id"),
            col(Access.person_id).label("person_id"),
            case(*due, else_=from_today).label("due_on"),
            case(
                (or_(*was_sent), literal("Has access and has not acknowledged the guidelines sent for it.")),
                else_=literal("Has access and was never sent the guidelines that fit it."),
            ).label("detail"),
        )
        .select_from(joined)
        .where(
            col(Access.state) == AccessState.GRANTED,
            # asked of each person once, however many accesses they have; of a few accounts, of theirs alone
            col(Access.person_id).in_(_without_some_guideline(policy)) if among.everybody else true(),
            or_(*lacking),
        )
    )


def _without_some_guideline(policy: Policy) -> Select[*tuple[Any, ...]]:
    """Everybody who has not acknowledged every guideline: few are left to look up."""
    receipt = table_of(GuidelineReceipt)
    return select(col(Person.id)).where(
        or_(
            *(
                ~exists().where(
                    receipt.c.person_id == col(Person.id),
                    receipt.c.guideline == text.guideline,
                    receipt.c.guideline_version == text.version,
                    receipt.c.acknowledged_at.is_not(None),
                )
                for text in policy.guidelines
            )
        )
    )


@rule(clause="5.6", scope=every_account)
def responsibility_is_accepted(policy: Policy, today: date, _among: Among) -> Select[*tuple[Any, ...]]:
    """Every access granted on a live account whose person has not accepted responsibility for it.

    Due the policy's days after the access was granted, or found by an inventory.
    """
    within = policy.standing.accept_within_days
    since = day_of(col(Access.state_since), policy.zone, today)
    return (
        select(
            col(Account.id).label("account_id"),
            col(Access.person_id).label("person_id"),
            plus_days(since, within).label("due_on"),
            literal("Has access and has not accepted responsibility for what is published.").label("detail"),
        )
        .select_from(table_of(Account).join(table_of(Access), col(Access.account_id) == col(Account.id)))
        .where(
            col(Access.state) == AccessState.GRANTED,
            ~exists().where(
                col(Acceptance.account_id) == col(Account.id),
                col(Acceptance.person_id) == col(Access.person_id),
            ),
        )
    )
