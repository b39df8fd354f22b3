"""The terms of an office or a designation: those that stand or are to come, and how all of them end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Table, or_, select, update

from tasks.acts.context import ActContext
from tasks.people.ending import day_of_end
from tasks.people.noting import check_days


@dataclass(frozen=True)
class Term:
    """From its first day through its last, both included; `ends_on` None is without an end."""

    id: int
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class End:
    """The last day that is left to the person; the new last day of each term that changed, by its number.

    `dropped`: the first days of those that were to come, and do not begin. `running`: whether another one
    stands or comes before them.
    """

    last: date
    changed: Mapping[int, date]
    dropped: Sequence[date]
    running: bool


async def terms(context: ActContext, table: Table, *which: ColumnElement[bool]) -> Sequence[Term]:
    """Those that have not ended by today, the earliest first."""
    rows = await context.session.run(
        select(table.c.id, table.c.starts_on, table.c.ends_on)
        .where(*which, or_(table.c.ends_on.is_(None), table.c.ends_on >= context.today))
        .order_by(table.c.starts_on, table.c.id)
    )
    return [Term(row.id, row.starts_on, row.ends_on) for row in rows]


async def end_terms(
    context: ActContext, table: Table, found: Sequence[Term], given: date | None, *, at_once: bool
) -> End:
    """End all of these after a day, or from this moment: none of those to come begins after it.

    The day is as `day_of_end` says. Raises what that raises, and BadInput for a day before the first of them.
    """
    days = [one.ends_on for one in found if one.ends_on is not None]
    until = max(days) if len(days) == len(found) else None
    last = day_of_end(context, given, until, at_once=at_once)
    if not at_once:
        check_days(found[0].starts_on, last, context.today)
    over = context.today - timedelta(days=1)
    running = [one for one in found if one.starts_on <= max(last, context.today)]
    dropped = [one for one in found if one not in running]
    changed = {one.id: last for one in running if one.ends_on is None or one.ends_on > last}
    changed |= {one.id: over for one in dropped}
    for number, day in changed.items():
        await context.session.run(update(table).where(table.c.id == number).values(**ends(table, day)))
    left = [min(last, one.ends_on or last) for one in running] or [last]
    return End(max(left), changed, [one.starts_on for one in dropped], bool(running))


def ends(table: Table, last: date) -> Mapping[str, date]:
    """The columns of an end that a person says: of an office, no file makes it later."""
    return {"ends_on": last, **({"said_last": last} if "said_last" in table.c else {})}


def not_begun(end: End) -> str:
    """The sentence on terms that were to come; empty where there is none beside the one that ends."""
    if not end.dropped or not end.running:
        return ""
    return f"What was to begin on {', '.join(str(one) for one in end.dropped)} does not begin."
