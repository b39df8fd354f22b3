"""Telling people what the sweep found: one notice a person and day, one summary to Communications."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from policy.authority import policy_office
from policy.controls import Mode
from policy.model import Policy
from policy.notices.findings import ControlTonight, Ever, Findings, SweepSummary
from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.findings import Finding
from schemas.machinery import ActionItem, Notice
from schemas.outcome import Outcome, Subject, Tell
from schemas.people import Person
from schemas.states import AccessState, AccountState
from schemas.words import ItemState, SubjectKind
from tasks.store.apply import apply, notice_row
from tasks.store.audit import STEWARD, append
from tasks.store.session import Session
from tasks.store.temporary_table import temporary_table

#: People whose notices are written in one statement.
AT_ONCE = 1000
#: What people are to be told today: a table of the transaction.
UNTOLD = table(
    "untold", *(column(name, Integer()) for name in ("person_id", "id", "rank", "all_of_theirs", "for_all"))
)


async def tell_people(session: Session, policy: Policy, now: datetime) -> int:
    """Tell everybody of open findings that they were not told of; how many people.

    A finding about a person goes to that person, one about an account to everybody with access to it. One
    notice a person and day of the division's zone, however many sweeps there are; what is found
    after a day's notice, or has no room in it, is told the next day, and days that were missed in one.
    It leaves with the person's digest.

    A finding counts as told (`Finding.told_at`) once a notice lists it for everybody whom it concerns, in
    the transaction that writes that notice: it may be told twice, but never to nobody. Only within
    `Store.write()`.
    """
    calendar = policy.calendar
    day, leaves = calendar.today(now), calendar.digest_moment(now)
    most = policy.mail.findings_in_a_mail_at_most
    told = 0
    # kept before anything is written, and read a few people at a time, however many there are
    async with temporary_table(session, UNTOLD.name, _untold(policy, day, most), by="person_id"):
        last = 0
        while rows := await _of_the_next_people(session, last):
            last = rows[-1].person_id
            waiting = []
            for person, group in groupby(rows, key=lambda row: row.person_id):
                mine = list(group)
                tell = Tell(
                    Findings(
                        finding_ids=tuple(row.id for row in mine), more=mine[0].all_of_theirs - len(mine)
                    ),
                    person,
                    _cause(day),
                    Subject(SubjectKind.PERSON, person),
                )
                waiting.append(notice_row(tell, person, now=now, not_before=leaves))
            told += await _write(session, waiting)
        await _mark_told(session, now)
    return told


async def _of_the_next_people(session: Session, last: int) -> Sequence[Any]:
    """What some people are to be told, those that come after the number `last`; all of each of them."""
    person = UNTOLD.c.person_id
    some = select(person).where(person > last).distinct().order_by(person).limit(AT_ONCE).subquery()
    through = select(func.max(some.c.person_id)).scalar_subquery()
    found = await session.run(
        select(UNTOLD).where(person > last, person <= through).order_by(person, UNTOLD.c.rank)
    )
    return found.all()


async def _mark_told(session: Session, now: datetime) -> None:
    """The findings of which now everybody concerned was told."""
    heard = select(UNTOLD.c.id).where(UNTOLD.c.for_all == 1)
    marked = await session.run(
        update(table_of(Finding)).where(col(Finding.id).in_(heard)).values(told_at=now)
    )
    if marked.rowcount:
        about, body = Subject(SubjectKind.RULE, 0), {"findings": marked.rowcount}
        await append(session, about, actor=STEWARD, control="", cause="findings told", now=now, body=body)


def _cause(day: date) -> str:
    """How the keys of the notices of one day begin."""
    return f"findings/{day}"


def _is_asked() -> ColumnElement[bool]:
    """Whether an open item asks for the same: about the finding, or of the person for that control.

    Its letter has told of it, or its announcement will: nobody reads of one thing in two letters.
    """
    kind, number = col(ActionItem.subject_kind), col(ActionItem.subject_id)
    theirs = and_(
        col(ActionItem.person_id) == col(Person.id),
        col(ActionItem.control) == col(Finding.control),
        or_(
            kind == SubjectKind.PERSON,
            and_(kind == SubjectKind.ACCOUNT, number == col(Finding.account_id)),
        ),
    )
    of_finding = and_(kind == SubjectKind.FINDING, number == col(Finding.id))
    is_open = col(ActionItem.state) == ItemState.OPEN
    # two looks, each into an index; one for either would read every open item for each finding
    return or_(exists().where(is_open, of_finding), exists().where(is_open, theirs))


def _untold(policy: Policy, day: date, most: int) -> Select[*tuple[Any, ...]]:
    """What each person is to be told today: the longest due first, `most` at most, of `all_of_theirs`.

    Not what an item asks for or a suspension is announced for, and nothing for who has had a notice today.
    `for_all`: with this, everybody concerned has been told.
    """
    enforced = [
        one.name for one in policy.rules() if one.mode is Mode.ENFORCE and not policy.sanction_of(one.name)
    ]
    pairs = (
        select(
            col(Finding.id).label("id"),
            col(Person.id).label("person_id"),
            col(Finding.due_on).label("due_on"),
            exists()
            .where(
                col(Notice.person_id) == col(Person.id),
                col(Notice.key) == literal(f"{_cause(day)}/person:").concat(col(Person.id)),
            )
            .label("had_one"),
        )
        .select_from(table_of(Finding))
        .outerjoin(
            Access,
            and_(
                col(Finding.person_id) == 0,
                col(Access.account_id) == col(Finding.account_id),
                col(Access.state) == AccessState.GRANTED,
            ),
        )
        .join(
            Person,
            or_(
                and_(col(Finding.person_id) > 0, col(Person.id) == col(Finding.person_id)),
                and_(col(Finding.person_id) == 0, col(Person.id) == col(Access.person_id)),
            ),
        )
        .where(
            col(Finding.resolved_at).is_(None),
            col(Finding.told_at).is_(None),
            col(Finding.control).in_(enforced),
            ~_is_asked(),
            col(Person.active),
        )
        .subquery("pair")
    )
    ranked = select(
        pairs,
        func.row_number()
        .over(partition_by=pairs.c.person_id, order_by=(pairs.c.due_on, pairs.c.id))
        .label("rank"),
        func.count().over(partition_by=pairs.c.person_id).label("all_of_theirs"),
    ).subquery("ranked")
    listed = and_(ranked.c.rank <= most, ~ranked.c.had_one)
    whole = select(
        ranked,
        func.min(case((listed, 1), else_=0)).over(partition_by=ranked.c.id).label("for_all"),
    ).subquery("whole")
    return select(*(whole.c[column.name] for column in UNTOLD.c)).where(
        whole.c.rank <= most, ~whole.c.had_one
    )


async def _write(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Into the outbox, each key once; how many were new."""
    if not rows:
        return 0
    connection = await session.connection()
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    notice = table_of(Notice)
    # given beside the statement and not within it: it is compiled once, and not anew for each number of rows
    statement = make(notice).on_conflict_do_nothing(index_elements=["key"]).returning(notice.c.id)
    return len((await connection.execute(statement, list(rows))).all())


async def tell_communications(session: Session, policy: Policy, now: datetime, *, head: str = "") -> bool:
    """One summary a day to who keeps the policy, when something changed.

    It counts what was opened and mended since the summary before, from the findings themselves: a sweep that
    died before it told is made up for, and two at once, or a second one of the day, tell once. "Since" is
    whatever the summary before had not counted, whatever any sweep's clock said. `head`: the signed head
    of the audit chain, which leaves with it. Only within `Store.write()`.
    """
    calendar = policy.calendar
    of_live = exists().where(
        col(Account.id) == col(Finding.account_id), col(Account.state) == AccountState.LIVE
    )
    before, ever = await _counted(session), await _ever(session)
    changed = {
        name: (count.opened - had.opened, count.mended - had.mended)
        for name, count in ever.items()
        if count != (had := before.get(name, Ever()))
    }
    if not changed:
        return False
    rows = await session.run(
        select(col(Finding.control), func.count(col(Finding.account_id).distinct()).label("violated"))
        .where(col(Finding.resolved_at).is_(None), col(Finding.control).in_(changed), of_live)
        .group_by(col(Finding.control))
    )
    violated = {row.control: row.violated for row in rows}
    order = {one.name: place for place, one in enumerate(policy.controls)}
    lines = tuple(
        ControlTonight(control=name, violated=violated.get(name, 0), new=new, mended=mended)
        for name, (new, mended) in sorted(changed.items(), key=lambda one: order.get(one[0], len(order)))
    )
    tell = Tell(
        SweepSummary(controls=lines, unheard=await _unheard(session), ever=ever, head=head),
        policy_office(policy),
        f"sweep/{calendar.today(now)}",
        Subject(SubjectKind.RULE, 0),
    )
    await apply(session, Outcome((tell,)), actor=STEWARD, calendar=calendar, now=now)
    return True


async def _counted(session: Session) -> dict[str, Ever]:
    """What the last summary knew of, a count a control."""
    last = (
        await session.run(
            select(col(Notice.facts))
            .where(
                col(Notice.kind) == SweepSummary.kind,
                col(Notice.subject_kind) == SubjectKind.RULE,  # for its index
                col(Notice.subject_id) == 0,
            )
            .order_by(col(Notice.created_at).desc(), col(Notice.id).desc())
            .limit(1)
        )
    ).scalar_one_or_none()
    return {} if last is None else SweepSummary.model_validate(last).ever


async def _ever(session: Session) -> dict[str, Ever]:
    """How many findings there ever were, a count a control."""
    rows = await session.run(
        select(
            col(Finding.control),
            func.count().label("opened"),
            func.count(col(Finding.resolved_at)).label("mended"),
        ).group_by(col(Finding.control))
    )
    return {row.control: Ever(opened=row.opened, mended=row.mended) for row in rows}


async def _unheard(session: Session) -> int:
    """Live accounts with findings and no active person to notify."""
    somebody = exists().where(
        col(Access.account_id) == col(Finding.account_id),
        col(Access.state) == AccessState.GRANTED,
        col(Person.id) == col(Access.person_id),
        col(Person.active),
    )
    live = and_(col(Account.id) == col(Finding.account_id), col(Account.state) == AccountState.LIVE)
    found = await session.run(
        select(func.count(col(Finding.account_id).distinct()))
        .select_from(table_of(Finding).join(table_of(Account), live))
        .where(col(Finding.resolved_at).is_(None), col(Finding.person_id) == 0, ~somebody)
    )
    return int(found.scalar_one())
