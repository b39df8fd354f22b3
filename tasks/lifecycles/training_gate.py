"""The training gate: which accesses may move, and moving those of one account (5.2, 5.3, 5.6)."""

from datetime import datetime
from itertools import groupby

from policy.calendar import Calendar
from policy.model import Policy
from policy.training_gate import decide_access
from tasks.gather.accesses import access_facts, may_move
from tasks.lifecycles.case import Case, in_parts
from tasks.store import Store
from tasks.store.apply import apply
from tasks.store.audit import STEWARD


async def due(store: Store, policy: Policy, now: datetime) -> tuple[Case, ...]:
    """The accounts with an access that would move now; the accesses of each together."""
    calendar = Calendar(policy)
    moving = set[int]()
    async with store.read() as session:
        connection = await session.connection()
        rows = (await connection.execute(may_move(policy, calendar, calendar.today(now)))).all()
        for some in in_parts(row[0] for row in rows if row[0] is not None):
            facts = await access_facts(session, some, policy)
            moving.update(one.id for one in facts if decide_access(one, policy, calendar, now))
    return tuple(
        Case(label, ids)
        for (_, label), group in groupby(rows, key=lambda row: (row[1], row[2]))
        if (ids := tuple(row[0] for row in group if row[0] in moving))
    )


async def move(store: Store, policy: Policy, case: Case, now: datetime) -> tuple[str, ...]:
    """Move each access of the case as the facts of this moment ask; what happened, a line an access."""
    calendar = Calendar(policy)
    said = []
    async with store.write() as session:
        for access_id in case.ids:  # one by one: each must see who else still has access
            (facts,) = await access_facts(session, (access_id,), policy)
            outcome = decide_access(facts, policy, calendar, now)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)
