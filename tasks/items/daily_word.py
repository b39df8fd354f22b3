"""The day's word to whoever administers accounts: look at them today. Only where the control says so."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, literal, select
from sqlmodel import col

from policy.calendar import Calendar
from policy.controls import Mode
from policy.controls.look import Look
from policy.model import Policy
from policy.notices.monitoring import LookToday
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.machinery import Notice
from schemas.outcome import Outcome, Subject, Tell
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import SubjectKind
from tasks.cases import Case, Only
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD

#: People who are told in one transaction: few, so that decisions do not wait for it.
IN_A_CASE = 25


def _levels(policy: Policy, calendar: Calendar, now: datetime) -> list[str]:
    """The levels whose accounts are to be looked at today, and said so."""
    today = calendar.today(now)
    if not calendar.is_school_day(today):
        return []
    asking = [
        one
        for one in policy.of(Look)
        if one.word_each_day and one.mode is Mode.ENFORCE and one.counts(today, calendar)
    ]
    return [level.id for level in policy.levels if any(policy.speaks_of(one, level.id) for one in asking)]


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """Whoever has access to a live account that counts today and had no word yet, some together."""
    policy, calendar = runtime.policy, Calendar(runtime.policy)
    levels = _levels(policy, calendar, now)
    if only is not None or not levels:
        return ()
    key = literal(f"{_cause(calendar, now)}/person:").concat(col(Person.id))
    people = (
        _theirs(levels, col(Person.id))
        .where(~exists().where(col(Notice.key) == key))
        .distinct()
        .order_by(col(Person.id))
    )
    async with runtime.store.read() as session:
        found = [one for one in (await (await session.connection()).execute(people)).scalars() if one]
    parts = [found[start : start + IN_A_CASE] for start in range(0, len(found), IN_A_CASE)]
    return tuple(Case(f"look today: {len(some)}", tuple(some)) for some in parts)


def _theirs(levels: Collection[str], *columns: Any) -> Select[*tuple[Any, ...]]:
    """Whoever is here and has access to a live account of these levels, a row an access."""
    return (
        select(*columns)
        .select_from(table_of(Person))
        .join(Access, col(Access.person_id) == col(Person.id))
        .join(Account, col(Account.id) == col(Access.account_id))
        .where(
            col(Person.active),
            col(Access.state) == AccessState.GRANTED,
            col(Account.state) == AccountState.LIVE,
            col(Account.level).in_(levels),
        )
    )


def _cause(calendar: Calendar, now: datetime) -> str:
    return f"look/{calendar.today(now)}"


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Tell them, in their digest."""
    policy, calendar = runtime.policy, Calendar(runtime.policy)
    today, cause = calendar.today(now), _cause(calendar, now)
    theirs = (
        _theirs(_levels(policy, calendar, now), col(Person.id), col(Account.id))
        .where(col(Person.id).in_(case.ids))
        .order_by(col(Account.id))
    )
    async with runtime.store.write() as session:
        accounts: dict[int, list[int]] = defaultdict(list)
        for person, account in await (await session.connection()).execute(theirs):
            accounts[person].append(account)
        tells = tuple(
            Tell(LookToday(on=today, account_ids=tuple(some)), one, cause, Subject(SubjectKind.PERSON, one))
            for one, some in accounts.items()
        )
        await apply(session, Outcome(tells), actor=STEWARD, calendar=calendar, now=now)
    return (f"told {len(tells)} to look today",)
