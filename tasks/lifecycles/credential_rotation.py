"""Credential rotation: which accounts' passwords are due, and asking for their change (11)."""

from datetime import datetime

from policy.calendar import Calendar
from policy.credential_rotation import decide_rotation
from policy.model import Policy
from tasks.gather.rotations import rotating, rotation_facts
from tasks.lifecycles.case import Case
from tasks.store import Store
from tasks.store.apply import apply
from tasks.store.audit import STEWARD


async def due(store: Store, policy: Policy, now: datetime) -> tuple[Case, ...]:
    """The accounts whose administrators are to be asked now, or no longer."""
    calendar = Calendar(policy)
    async with store.read() as session:
        labels = await rotating(session, policy)
        facts = await rotation_facts(session, tuple(labels))
    return tuple(
        Case(labels[one.account_id], (one.account_id,))
        for one in facts
        if decide_rotation(one, policy, calendar, now)
    )


async def move(store: Store, policy: Policy, case: Case, now: datetime) -> tuple[str, ...]:
    """Ask as the facts of this moment say; what happened, a line an account."""
    calendar = Calendar(policy)
    said = []
    async with store.write() as session:
        for facts in await rotation_facts(session, case.ids):
            outcome = decide_rotation(facts, policy, calendar, now)
            if outcome:
                await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
                said.append(outcome.says)
    return tuple(said)
