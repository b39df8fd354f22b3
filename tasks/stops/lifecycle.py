"""Stops and suspensions for a time: which are over, and bringing the account back."""

from datetime import datetime

from sqlalchemy import and_, or_, select, true, update
from sqlmodel import col

from policy.controls.sanction import Suspending
from policy.notices.accounts import AccountReinstated
from policy.stops import why_over
from schemas.accounts import Account
from schemas.columns import table_of
from schemas.events import EventKind
from schemas.findings import Suspension
from schemas.states import AccountState
from tasks.cases import Case, Only
from tasks.lifecycles import Lifecycle, Stage, Turn
from tasks.runtime import Runtime
from tasks.stops import asking
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tasks.suspension.suspend import hands_of, moved, people_of


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts whose stop nobody confirmed in time, or whose last day of suspension is over."""
    today = runtime.policy.calendar.today(now)
    found = (
        select(col(Account.id), col(Account.handle))
        .join(Suspension, col(Suspension.account_id) == col(Account.id))
        .where(
            col(Account.state) == AccountState.SUSPENDED,
            col(Suspension.ended_at).is_(None),
            or_(
                col(Suspension.through) < today,
                and_(col(Suspension.confirm_by) <= now, col(Suspension.confirmed_at).is_(None)),
            ),
            true() if only is None else col(Account.id) == only.account,
        )
        .order_by(col(Account.id))
    )
    async with runtime.store.read() as session:
        rows = await session.run(found)
        return tuple(Case(row.handle, (row.id,)) for row in rows)


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Bring it back, and tell everybody concerned why. What is still to be mended is asked for anew."""
    policy, calendar = runtime.policy, runtime.policy.calendar
    table, said = table_of(Suspension), []
    async with runtime.store.write() as session:
        for number in case.ids:
            account = await session.get(Account, number)
            row = (
                await session.run(
                    select(table).where(table.c.account_id == number, table.c.ended_at.is_(None))
                )
            ).first()
            if account is None or row is None or account.state is not AccountState.SUSPENDED:
                continue
            why = why_over(row.through, row.confirm_by, row.confirmed_at, calendar.today(now), now)
            if why is None:
                continue
            await session.run(
                update(table).where(table.c.id == row.id).values(ended_at=now, ended_because=why)
            )
            outcome = moved(
                account,
                AccountState.LIVE,
                f"suspension {row.id} is over",
                (AccountReinstated(suspension_id=row.id), EventKind.ACCOUNT_REINSTATED),
                (
                    *await people_of(session, account, policy),
                    *await hands_of(session, row.id, policy),
                ),
                policy.name_of(Suspending),
            )
            await apply(session, outcome, actor=STEWARD, calendar=calendar, now=now)
            said.append("back: its time was over")
    return tuple(said)


LIFECYCLE = Lifecycle(
    "stops",
    woken_by=(),
    stages=(Stage("stop", due, move), Stage("stop to confirm", asking.due, asking.move)),
    turn=Turn.INCIDENTS,
)
