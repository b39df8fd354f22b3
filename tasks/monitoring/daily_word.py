"""The word of the day, or of the week, to whoever looks at accounts. Only where the control says so."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal, not_, select
from sqlmodel import col

from policy.looks import asking, who_looks
from policy.model import Policy
from policy.notices.monitoring import LookToday
from policy.selects import is_live, runs_on
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.machinery import Notice
from schemas.outcome import Outcome, RoleAt, Subject, Tell
from schemas.people import Absence, Person
from schemas.states import AccessState
from schemas.words import SubjectKind
from tasks.cases import Case, Only, in_parts
from tasks.monitoring.facts import look_facts
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.store.holders import to_be_told
from tasks.store.session import Session

#: People, or accounts, that are told of in one transaction: few, so that decisions do not wait for it.
IN_A_CASE = 25


@dataclass(frozen=True)
class _Word:
    """One word: the levels whose accounts it names, its cause, and the days for which it is said."""

    levels: tuple[str, ...]
    cause: str
    on: date
    through: date | None = None


def _words(policy: Policy, now: datetime) -> Iterator[_Word]:
    """What is said today: none on a day without school, or before looks are asked for."""
    today = policy.calendar.today(now)
    if not policy.calendar.is_school_day(today):
        return
    monday = today - timedelta(days=today.weekday())
    last = policy.calendar.school_day_by(monday + timedelta(days=6))
    each_day, each_week = [], []
    for level in policy.levels:
        look = asking(policy, level.id)
        if look is None or not look.counts(today, policy.calendar):
            continue
        each_day += [level.id] if look.word_each_day else []
        each_week += [level.id] if look.word_each_week else []
    if each_day:
        yield _Word(tuple(each_day), f"look/{today}", today)
    if each_week:
        yield _Word(tuple(each_week), f"look/week/{monday}", today, last)


def _is_away(today: date) -> ColumnElement[bool]:
    return exists().where(
        col(Absence.person_id) == col(Access.person_id),
        runs_on(Absence, today),
    )


def _theirs(word: _Word, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Whoever is here, not away, and has access to a live account of these levels; a row an access."""
    return (
        select(*columns)
        .select_from(table_of(Person))
        .join(Access, col(Access.person_id) == col(Person.id))
        .join(Account, col(Account.id) == col(Access.account_id))
        .where(
            col(Person.active),
            col(Access.state) == AccessState.GRANTED,
            is_live(),
            col(Account.level).in_(word.levels),
            not_(_is_away(word.on)),
        )
    )


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """Whoever has access to a live account that counts today and had no word yet, some together."""
    policy = runtime.policy
    if only is not None:
        return ()
    cases: list[Case] = []
    async with runtime.store.read() as session:
        for word in _words(policy, now):
            key = literal(f"{word.cause}/person:").concat(col(Person.id))
            people = (
                _theirs(word, col(Person.id))
                .where(~exists().where(col(Notice.key) == key))
                .distinct()
                .order_by(col(Person.id))
            )
            found = [one for one in (await session.run(people)).scalars() if one]
            cases += [
                Case(
                    f"look today: {len(found[start : start + IN_A_CASE])}",
                    tuple(found[start : start + IN_A_CASE]),
                )
                for start in range(0, len(found), IN_A_CASE)
            ]
    return tuple(cases)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Tell them, in their digest. Whoever had this word already is not told twice."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    told = 0
    async with runtime.store.write() as session:
        for word in _words(policy, now):
            key = literal(f"{word.cause}/person:").concat(col(Person.id))
            theirs = (
                _theirs(word, col(Person.id), col(Account.id))
                .where(col(Person.id).in_(case.ids), ~exists().where(col(Notice.key) == key))
                .order_by(col(Account.id))
            )
            accounts: dict[int, list[int]] = defaultdict(list)
            for person, account in await session.run(theirs):
                accounts[person].append(account)
            tells = tuple(
                Tell(_said(word, *some), one, word.cause, Subject(SubjectKind.PERSON, one))
                for one, some in accounts.items()
            )
            await apply(session, Outcome(tells), actor=STEWARD, calendar=calendar, now=now)
            told += len(tells)
    return (f"told {told} to look today",) if told else ()


def _said(word: _Word, *accounts: int) -> LookToday:
    return LookToday(on=word.on, through=word.through, account_ids=accounts)


def _covered(word: _Word) -> Select[*tuple[Any, ...]]:
    """Live accounts of these levels whose administrators are all away."""
    access = and_(
        col(Access.account_id) == col(Account.id),
        col(Access.state) == AccessState.GRANTED,
        col(Person.id) == col(Access.person_id),
        col(Person.active),
    )
    return (
        select(col(Account.id))
        .where(
            is_live(),
            col(Account.level).in_(word.levels),
            exists().where(access, _is_away(word.on)),
            ~exists().where(access, not_(_is_away(word.on))),
        )
        .order_by(col(Account.id))
    )


async def due_instead(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts whose administrators are all away, and of which somebody else had no word yet."""
    policy = runtime.policy
    if only is not None:
        return ()
    waiting: list[int] = []
    async with runtime.store.read() as session:
        for word in _words(policy, now):
            found = (await session.run(_covered(word))).scalars()
            for some in in_parts(list(found)):
                waiting += {tell.subject.id for tell in await _instead(session, policy, word, some)}
    return tuple(
        Case(
            f"look instead: {len(waiting[start : start + IN_A_CASE])}",
            tuple(waiting[start : start + IN_A_CASE]),
        )
        for start in range(0, len(waiting), IN_A_CASE)
    )


async def move_instead(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Tell whoever looks for them, in their digest."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    tells: list[Tell] = []
    async with runtime.store.write() as session:
        for word in _words(policy, now):
            tells += await _instead(session, policy, word, case.ids)
        await apply(session, Outcome(tuple(tells)), actor=STEWARD, calendar=calendar, now=now)
    return (f"told {len(tells)} to look for somebody who is away",) if tells else ()


async def _instead(
    session: Session, policy: Policy, word: _Word, accounts: tuple[int, ...]
) -> tuple[Tell, ...]:
    """What is said of these accounts to whoever looks at them while all their administrators are away."""
    said: dict[str, Tell] = {}
    for facts in await look_facts(session, accounts, policy, word.on):
        if facts.level not in word.levels or any(one.absence is None for one in facts.lookers):
            continue
        cause = f"{word.cause}/account:{facts.account_id}"
        about = Subject(SubjectKind.ACCOUNT, facts.account_id)
        for of in who_looks(facts, policy):
            people = await to_be_told(session, of, word.on) if isinstance(of, RoleAt) else (of,)
            for one in people:
                said[f"{cause}/person:{one}"] = Tell(_said(word, facts.account_id), one, cause, about)
    known = await session.run(select(col(Notice.key)).where(col(Notice.key).in_(said)))
    for key in known.scalars():
        del said[key]
    return tuple(said.values())
