"""Who is due for advice today, found in the database, and the facts of each."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlmodel import col

from policy.controls.advice import Advice, Reaches
from policy.guidance import advising, quiet_since, sent_before
from policy.model import Policy, Text
from schemas.accounts import Access, Account
from schemas.facts import AdvisedFacts
from schemas.gates import AdviceReceipt
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import ChannelKind
from tasks.store.given import among
from tasks.store.session import Session

#: Accounts whose administrators are advised: from the day on which they have access.
_IN_USE = (AccountState.APPROVED, AccountState.PREPARING, AccountState.LIVE, AccountState.SUSPENDED)


def has_it(text: Text, control: Advice, today: date, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a person was sent this text in its present version, lately enough; `more` of its receipt."""
    receipt = and_(
        col(AdviceReceipt.person_id) == col(Person.id),
        col(AdviceReceipt.text) == text.id,
        col(AdviceReceipt.text_version) == text.version,
        *more,
    )
    before = sent_before(control, today)
    return exists().where(receipt if before is None else and_(receipt, col(AdviceReceipt.sent_on) > before))


def concerned(control: Advice, text: Text, policy: Policy) -> ColumnElement[bool]:
    """Whether a person who is here is one of those whom the text concerns by this control."""
    if control.to is Reaches.PEOPLE:
        return and_(col(Person.active), col(Person.kind).in_(control.people))
    account = exists().where(
        col(Access.person_id) == col(Person.id),
        col(Access.state) == AccessState.GRANTED,
        col(Account.id) == col(Access.account_id),
        col(Account.state).in_(_IN_USE),
        col(Account.level).in_(policy.levels_of(control)),
        *([col(Account.channel).in_(text.fits)] if text.fits else []),
    )
    return and_(col(Person.active), account)


def pairs(policy: Policy) -> Iterator[tuple[Advice, Text]]:
    """Each text with each control that sends it."""
    return ((one, policy.text(text)) for one in advising(policy) for text in one.texts)


def candidates(policy: Policy, today: date, at_most: int) -> Iterator[Select[*tuple[Any, ...]]]:
    """For each text, the first people to whom it is due, and who have had no letter lately."""
    quiet = exists().where(
        col(AdviceReceipt.person_id) == col(Person.id),
        col(AdviceReceipt.sent_on) >= quiet_since(policy, today),
    )
    for control, text in pairs(policy):
        yield (
            select(col(Person.id))
            .where(concerned(control, text, policy), ~has_it(text, control, today), ~quiet)
            .order_by(col(Person.id))
            .limit(at_most)
        )


async def letters_on(session: Session, day: date) -> int:
    """How many people were sent advice on a day."""
    counted = select(func.count(col(AdviceReceipt.person_id).distinct())).where(
        col(AdviceReceipt.sent_on) == day
    )
    return int((await session.run(counted)).scalar_one())


async def advised_facts(session: Session, people: Collection[int]) -> tuple[AdvisedFacts, ...]:
    """The facts of these people, in the order of their numbers; three statements for all of them."""
    rows = await session.run(
        select(col(Person.id), col(Person.active), col(Person.kind))
        .where(among(col(Person.id), people))
        .order_by(col(Person.id))
    )
    reached = await session.run(
        select(col(Access.person_id), col(Account.level), col(Account.channel))
        .join(Account, col(Account.id) == col(Access.account_id))
        .where(
            among(col(Access.person_id), people),
            col(Access.state) == AccessState.GRANTED,
            col(Account.state).in_(_IN_USE),
        )
        .distinct()
    )
    reaches: dict[int, set[tuple[str, ChannelKind]]] = {}
    for one in reached:
        reaches.setdefault(one.person_id, set()).add((one.level, one.channel))
    receipts = await session.run(
        select(
            col(AdviceReceipt.person_id),
            col(AdviceReceipt.text),
            col(AdviceReceipt.text_version),
            func.max(col(AdviceReceipt.sent_on)).label("sent_on"),
        )
        .where(among(col(AdviceReceipt.person_id), people))
        .group_by(col(AdviceReceipt.person_id), col(AdviceReceipt.text), col(AdviceReceipt.text_version))
    )
    sent: dict[int, dict[tuple[str, str], date]] = {}
    for got in receipts:
        sent.setdefault(got.person_id, {})[got.text, got.text_version] = got.sent_on
    return tuple(_facts(row, reaches, sent) for row in rows)


def _facts(
    row: Any,
    reaches: Mapping[int, Collection[tuple[str, ChannelKind]]],
    sent: Mapping[int, Mapping[tuple[str, str], date]],
) -> AdvisedFacts:
    mine = sent.get(row.id, {})
    return AdvisedFacts(
        person_id=row.id,
        active=row.active,
        kind=row.kind,
        reaches=frozenset(reaches.get(row.id, ())),
        sent=mine,
        last_letter=max(mine.values(), default=None),
    )
