"""When a designation ends, the accesses that hang on it end too: their last day is told before it comes."""

from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import col

from policy.access_ends import last_day
from policy.authority import custodians, policy_office
from policy.notices.changes import AccessEnds
from schemas.accounts import Access, Account
from schemas.outcome import Outcome, Subject, Tell
from schemas.states import AccessState
from schemas.words import AccessEnd, SubjectKind
from tasks.cases import Case, Only
from tasks.lifecycles import Stage
from tasks.runtime import Runtime
from tasks.store import lookup
from tasks.store.apply import apply
from tasks.store.audit import STEWARD, append
from tasks.store.designated import ending, last_day_of, standing_again


def _horizon(runtime: Runtime, now: datetime) -> date:
    """Designations that end by this day are announced now: a week more than the notice, for days off."""
    calendar = runtime.policy.calendar
    return last_day(runtime.policy, calendar.today(now) + timedelta(days=7))


async def due(runtime: Runtime, now: datetime, only: Only | None = None) -> tuple[Case, ...]:
    """The accounts with an access whose designation ends soon, or stands again after all."""
    policy = runtime.policy
    horizon = _horizon(runtime, now)
    cases: dict[int, Case] = {}
    async with runtime.store.read() as session:
        mine = () if only is None else (col(Access.account_id) == only.account,)
        for asked in (ending(policy, horizon), standing_again(policy, horizon)):
            for row in await session.run(asked.where(*mine)):
                before = cases[row.account_id].ids if row.account_id in cases else ()
                cases[row.account_id] = Case(row.handle, (*before, row.id))
    return tuple(cases[account] for account in sorted(cases))


async def move(runtime: Runtime, case: Case, now: datetime) -> tuple[str, ...]:
    """Announce the end of each access of the case, or take it back; what happened, a line an access."""
    policy = runtime.policy
    calendar = policy.calendar
    through, horizon = last_day(policy, calendar.today(now)), _horizon(runtime, now)
    said = []
    async with runtime.store.write() as session:
        mine = col(Access.id).in_(case.ids)
        for row in await session.rows(standing_again(policy, horizon).where(mine)):
            await session.run(
                update(Access).where(col(Access.id) == row.id).values(ends_on=None, ends_for=None)
            )
            said.append("the access stays: the designation stands again")
        for row in await session.rows(ending(policy, horizon).where(mine)):
            ends_on = max(await last_day_of(session, row.id) or through, through)
            await session.run(
                update(Access)
                .where(col(Access.id) == row.id)
                .values(ends_on=ends_on, ends_for=AccessEnd.DESIGNATION)
            )
            about = Subject(SubjectKind.ACCESS, row.id)
            notice = AccessEnds(ends_on=ends_on, because=AccessEnd.DESIGNATION)
            account = await lookup.by_id(session, Account, row.account_id)
            others = await session.run(
                select(col(Access.person_id)).where(
                    col(Access.account_id) == row.account_id, col(Access.state) == AccessState.GRANTED
                )
            )
            keepers = custodians(policy, account.level, account.school_id)
            people = dict.fromkeys((row.person_id, *others.scalars(), *keepers, policy_office(policy)))
            told = tuple(Tell(notice, one, f"{about}/ends {ends_on}", about) for one in people)
            await apply(session, Outcome(told), actor=STEWARD, calendar=calendar, now=now)
            await append(
                session,
                about,
                actor=STEWARD,
                control="",
                cause="its end is announced",
                now=now,
                body={"last day": ends_on.isoformat()},
            )
            said.append("its end is announced: the designation ends")
    return tuple(said)


#: Of the training gate: before it, since what ends at once has its day set already.
STAGE = Stage("designations", due, move)
