"""What the selects of controls share: which accounts they speak of, and days, alike on both databases.

Instants are kept in UTC and obligations fall due on days of the division's zone. What decides is compared
as an instant with the start of a day, reckoned here; only what is shown is turned into a day by the
database, with the offsets of our own time zone data: a database's own may be older, or not there at all.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Integer,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import col

from schemas.accounts import Account
from schemas.states import AccountState

if TYPE_CHECKING:
    from policy.model import Policy


def runs_on(its: Any, day: Any) -> ColumnElement[bool]:
    """Whether something runs on a day: an office, an absence, a designation. Both its days are included.

    `its` has the columns `starts_on` and `ends_on`; without a last day it goes on. `day` is one of the
    division's zone, known or given when the statement is executed.
    """
    return and_(its.starts_on <= day, or_(its.ends_on.is_(None), its.ends_on >= day))


@dataclass(frozen=True)
class AccountFilter:
    """The accounts that a select is narrowed to, by number; None is all of them.

    A control narrows `account` itself. A select that groups another table by account narrows that one too:
    no database does so by itself, and one account's answer would cost as much as everybody's.
    """

    only: tuple[int, ...] | None = None

    @property
    def everybody(self) -> bool:
        """Whether it is narrowed to nothing: what is asked once for all pays only then."""
        return self.only is None

    def __call__(self, account_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        """Whether this column names one of them."""
        return true() if self.only is None else account_id.in_(self.only)


def is_live() -> ColumnElement[bool]:
    """The accounts that controls find."""
    return and_(col(Account.state) == AccountState.LIVE)


def is_live_or_suspended() -> ColumnElement[bool]:
    """The accounts whose findings stand until they are mended: suspending one mends nothing."""
    return and_(col(Account.state).in_((AccountState.LIVE, AccountState.SUSPENDED)))


def rotates(policy: "Policy") -> ColumnElement[bool]:
    """The accounts whose custody has a secret that rotates."""
    return col(Account.custody).in_([terms.mode for terms in policy.custody if terms.rotates])


#: Before this year the first known offset is taken: no account is older.
FIRST_YEAR = 2000


class plus_days(FunctionElement[Any]):  # noqa: N801 - reads as the function that it is in a select
    """A day that many days after the one in a column."""

    type = Date()
    inherit_cache = True
    name = "plus_days"

    def __init__(self, day: ColumnElement[Any], days: int) -> None:
        super().__init__(day, bindparam(None, days, type_=Integer()))


@compiles(plus_days, "postgresql")
def _plus_postgresql(element: plus_days, compiler: SQLCompiler, **options: Any) -> str:
    day, days = element.clauses
    return f"({compiler.process(day, **options)} + {compiler.process(days, **options)})"


@compiles(plus_days, "sqlite")
def _plus_sqlite(element: plus_days, compiler: SQLCompiler, **options: Any) -> str:
    day, days = element.clauses
    return f"date({compiler.process(day, **options)}, {compiler.process(days, **options)} || ' days')"


def last_seen(what: str, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The sentence that something was last seen on a day. A finding keeps it, so it counts no days."""
    return literal(f"{what} last seen on ") + cast(day, String) + literal(".")


class day_of(FunctionElement[Any]):  # noqa: N801 - as above
    """The day in a zone of an instant that is not after `today`. Costly: only for rows that are shown."""

    type = Date()
    inherit_cache = True
    name = "day_of"
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own name and form
        *FunctionElement._traverse_internals,  # noqa: SLF001 - what is compiled once for all that are equal
        ("zone", InternalTraversal.dp_plain_obj),
        ("last_year", InternalTraversal.dp_plain_obj),
    ]

    def __init__(self, instant: SQLColumnExpression[Any], zone: ZoneInfo, today: date) -> None:
        super().__init__(instant)
        self.zone, self.last_year = zone, today.year + 1

    def seconds(self, instant: str, moment: str) -> str:
        """How far ahead of UTC the zone is at an instant, in SQL: a case for each change of its clocks.

        Written out and not bound: each would be three parameters. `moment` is how an instant is written.
        """
        (_, first), *later = _offsets(self.zone, self.last_year)
        if not later:
            return str(first)
        cases = (f"WHEN {instant} >= {since:{moment}} THEN {offset}" for since, offset in reversed(later))
        return f"CASE {' '.join(cases)} ELSE {first} END"


@compiles(day_of, "postgresql")
def _day_postgresql(element: day_of, compiler: SQLCompiler, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    seconds = element.seconds(instant, "TIMESTAMPTZ '%Y-%m-%d %H:%M:%S+00'")
    return f"CAST(({instant} AT TIME ZONE 'UTC') + ({seconds}) * INTERVAL '1 second' AS DATE)"


@compiles(day_of, "sqlite")
def _day_sqlite(element: day_of, compiler: SQLCompiler, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    seconds = element.seconds(instant, "'%Y-%m-%d %H:%M:%S.000000'")
    # to the second: `date` rounds, and the last microsecond of a day would count as the next one
    return f"date(substr({instant}, 1, 19), ({seconds}) || ' seconds')"


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day of the zone begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@lru_cache(maxsize=16)
def _offsets(zone: ZoneInfo, last_year: int) -> tuple[tuple[datetime, int], ...]:
    """Since when the zone is how many seconds ahead of UTC, from FIRST_YEAR through `last_year`."""

    def offset(moment: datetime) -> int:
        return int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds())

    begin, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    days = (begin + timedelta(days=number) for number in range((end - begin).days))
    found = [(begin, offset(begin))]
    for (day, before), (next_day, after) in pairwise((day, offset(day)) for day in days):
        if before == after:
            continue
        low, high = day, next_day
        while high - low > timedelta(minutes=1):
            middle = low + (high - low) // 2
            low, high = (middle, high) if offset(middle) == before else (low, middle)
        minute = high.replace(second=0, microsecond=0)  # no zone has changed within a minute since 2000
        found.append((minute, after))
    return tuple(found)


def none_since(moments: Column[Any], moment: datetime, among: AccountFilter) -> ColumnElement[bool]:
    """Whether an account has none of these since a moment. The recent ones are read once for all."""
    account_id = moments.table.c.account_id
    return col(Account.id).not_in(select(account_id).where(moments >= moment, among(account_id)))


def last_of(moments: Column[Any], since: ColumnElement[Any]) -> ColumnElement[Any]:
    """The last of an account's moments, or `since` if that is later. Costly: only for rows that are shown."""
    last = (
        select(func.max(moments))
        .where(moments.table.c.account_id == col(Account.id))
        .correlate(Account)
        .scalar_subquery()
    )
    return case((last > since, last), else_=since)
