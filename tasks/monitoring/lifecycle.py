"""Looks at accounts: asked for once nobody looked, of whoever is there, and the word of each day or week."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, or_, select, true
from sqlmodel import col

from policy.controls.look import not_looked_at
from policy.looks import asking, decide_look, missed_since
from policy.model import Policy
from policy.selects import is_live, runs_on
from schemas.accounts import Access, Account
from schemas.events import EventKind
from schemas.machinery import ActionItem
from schemas.people import Absence, Person
from schemas.states import AccessState
from schemas.words import ItemKind, ItemState, SubjectKind
from tasks.cases import Case, Only, in_parts
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.monitoring import daily_word
from tasks.monitoring.facts import look_facts
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD

#: Accounts that move together in one transaction: few, so that decisions of people do not wait for it.
IN_A_CASE = 25


def _access(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether somebody who is here has access to the account, and is what is said further."""
    return exists().where(
        col(Access.account_id) == col(Account.id),
        col(Access.state) == AccessState.GRANTED,
        col(Person.id) == col(Access.person_id),
        col(Person.active),
        *more,
    )


def _away(person: SQLColumnExpression[int | None], today: date) -> ColumnElement[bool]:
    return exists().where(col(Absence.person_id) == person, runs_on(Absence, today))


def _may_move(policy: Policy, today: date) -> Iterator[Select[*tuple[int | None]]]:
    """The accounts with perhaps a step to take: few, wherever people look.

    Those that nobody looked at and nobody is asked about; those with somebody who is away; and those that
    are asked about, where that may have ended.
    """
    looks = {level.id: look for level in policy.levels if (look := asking(policy, level.id)) is not None}
    account = select(col(Account.id))
    is_asked = and_(
        col(ActionItem.subject_kind) == SubjectKind.ACCOUNT,
        col(ActionItem.subject_id) == col(Account.id),
        col(ActionItem.kind) == ItemKind.LOOK_AGAIN,
        col(ActionItem.state) == ItemState.OPEN,
    )
    missed: list[ColumnElement[bool]] = []
    for level, look in looks.items():
        since = missed_since(look, policy.calendar, today)
        if since is not None:
            missed.append(and_(col(Account.level) == level, not_looked_at(since, policy)))
    if missed:
        yield account.where(is_live(), or_(*missed), ~exists().where(is_asked), _access())
    if looks:
        theirs = select(col(Access.account_id)).join(
            Absence,
            and_(
                col(Absence.person_id) == col(Access.person_id),
                runs_on(Absence, today),
            ),
        )
        yield account.where(
            is_live(),
            col(Account.level).in_(looks),
            col(Account.id).in_(theirs.where(col(Access.state) == AccessState.GRANTED)),
        )
    still = _access(col(Access.person_id) == col(ActionItem.person_id))
    yield (
        account.join(ActionItem, is_asked)
        .where(
            or_(
                ~is_live(),
                col(Account.level).not_in(looks),
                ~or_(*missed) if missed else true(),
                col(ActionItem.person_id).is_(None),
                ~still,
                _away(col(ActionItem.person_id), today),
            )
        )
        .distinct()
    )


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts whose looks have a step to take now."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    today = calendar.today(now)
    meant = true() if only is None else col(Account.id) == only.account
    cases: list[int] = []
    async with runtime.store.read() as session:
        ids: set[int | None] = set()
        for found in _may_move(policy, today):
            ids |= set((await session.run(found.where(meant))).scalars())
        for some in in_parts(sorted(one for one in ids if one)):
            for facts in await look_facts(session, some, policy, today):
                cases += [facts.account_id] if decide_look(facts, policy, now) else []
    return tuple(
        Case(f"look at {len(some)}", tuple(some))
        for some in (cases[start : start + IN_A_CASE] for start in range(0, len(cases), IN_A_CASE))
    )


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask, settle, and tell, as the facts of this moment ask."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    said = []
    async with runtime.store.write() as session:
        for facts in await look_facts(session, case.ids, policy, calendar.today(now)):
            if outcome := decide_look(facts, policy, now):
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


LIFECYCLE = Lifecycle(
    "looks",
    woken_by=(EventKind.PEOPLE_CHANGED, EventKind.ROSTER_IMPORTED),
    stages=(
        Stage("look", due, move),
        Stage("word to look", daily_word.due, daily_word.move),
        Stage("word to look instead", daily_word.due_instead, daily_word.move_instead),
    ),
    turn=Turn.LOOKS,
)
