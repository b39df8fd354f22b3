"""Action items: which are to be reminded of or climb today, and doing so. Once for every lifecycle."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from policy.action_items import decide_item
from schemas.words import ItemKind
from tasks.cases import Case, Only
from tasks.items import calendar_end, ended, mailboxes
from tasks.items.facts import Offices, days_of, may_move, pending_items
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.store.apply import apply
from tasks.store.audit import STEWARD

#: How many items' facts are gathered at a time, so that memory does not grow with their number.
AT_A_TIME = 1000
#: Items that move together in one transaction: few, so that decisions of people do not wait for it.
IN_A_CASE = 25


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The items with a step to take now, those of one kind together. None on days without school.

    Items are followed up together: for one account alone, none is due.
    """
    policy = runtime.policy
    calendar = policy.calendar
    today = calendar.today(now)
    if only is not None or not calendar.is_school_day(today):
        return ()
    moving: dict[ItemKind, list[int]] = {}
    offices: Offices = {}
    days = days_of(policy, today)
    async with runtime.store.read() as session:
        found = {
            row.id: row.kind for candidates in may_move(policy) for row in await session.run(candidates, days)
        }
        for some in _chunks(sorted(found), AT_A_TIME):
            for facts in await pending_items(session, some, policy, today, offices):
                if decide_item(facts, policy, now):
                    moving.setdefault(facts.kind, []).append(facts.id)
    return tuple(
        Case(f"{kind}: {len(some)}", tuple(some))
        for kind in sorted(moving)
        for some in _chunks(moving[kind], IN_A_CASE)
    )


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Remind of each item of the case, or let it climb, as the facts of this moment ask."""
    policy = runtime.policy
    calendar = policy.calendar
    today = calendar.today(now)
    said = []
    async with runtime.store.write() as session:
        for facts in await pending_items(session, case.ids, policy, today, {}):
            outcome = decide_item(facts, policy, now)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


LIFECYCLE = Lifecycle(
    "follow-up",
    woken_by=(),
    stages=(
        Stage("mailbox", mailboxes.due, mailboxes.move),
        Stage("school calendar", calendar_end.due, calendar_end.move),
        Stage("action items", due, move),
        Stage("ended item", ended.due, ended.move),
    ),
    turn=Turn.REMINDERS,
)
