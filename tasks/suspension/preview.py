"""What would be suspended or closed, and when, if nobody mended anything. Changes nothing."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import col

from policy.controls import SanctionOf
from policy.model import Policy
from policy.reinstatement import closed_after
from policy.suspension import sanction_at, suspended_after
from schemas.accounts import Account
from schemas.ahead import Ahead
from schemas.errors import Unknown
from schemas.facts import SuspensionFacts, Violation
from schemas.findings import Finding, Suspension
from schemas.language import half
from schemas.people import Person
from schemas.states import AccountState
from tasks.store import Store
from tasks.store.session import Session
from tasks.suspension.candidates import by_steward, leads_to_suspension
from tasks.suspension.facts import suspension_facts

AT_ONCE = 500


async def preview(
    store: Store, policy: Policy, *, account_id: int | None = None, now: datetime
) -> tuple[Ahead, ...]:
    """Every suspension and closing that lies ahead, the soonest first; of one account, or of the division.

    Findings that were not announced yet are shown as if they were announced tonight. The policy's brakes may
    make it later, never sooner. Raises Unknown for an account that is not there.
    """
    calendar = policy.calendar
    ahead: list[Ahead] = []
    only = [] if account_id is None else [col(Account.id) == account_id]
    finding = (
        select(col(Finding.account_id))
        .where(col(Finding.resolved_at).is_(None), leads_to_suspension(policy, calendar.today(now)))
        .scalar_subquery()
    )
    suspended = (
        select(col(Suspension.account_id)).where(col(Suspension.ended_at).is_(None), by_steward())
    ).scalar_subquery()
    async with store.read() as session:
        if account_id is not None and await session.get(Account, account_id) is None:
            raise Unknown(f"There is no account {account_id}.")
        rows = await session.run(
            select(col(Account.id), col(Account.handle), col(Account.platform))
            .where(
                col(Account.state).in_((AccountState.LIVE, AccountState.SUSPENDED)),
                or_(col(Account.id).in_(finding), col(Account.id).in_(suspended)),
                *only,
            )
            .order_by(col(Account.id))
        )
        accounts = {row.id: row for row in rows}
        ids = list(accounts)
        for start in range(0, len(ids), AT_ONCE):
            for facts in await suspension_facts(
                session, ids[start : start + AT_ONCE], policy, calendar.today(now)
            ):
                its = accounts[facts.account_id]
                found = _of(facts, its.handle, policy, now)
                ahead += [replace(one, platform=its.platform) for one in found]
        names = await _names(session, {one.person for one in ahead if one.person is not None})
    ahead = [replace(one, whose=names.get(one.person or 0, "")) for one in ahead]
    return tuple(sorted(ahead, key=lambda one: one.in_order))


async def _names(session: Session, people: set[int]) -> dict[int, str]:
    """Names by number, for whoever reads the preview."""
    rows = await session.run(
        select(col(Person.id), col(Person.given_name), col(Person.family_name)).where(
            col(Person.id).in_(people)
        )
    )
    return {row.id: f"{row.given_name} {row.family_name}" for row in rows}


def _of(facts: SuspensionFacts, handle: str, policy: Policy, now: datetime) -> list[Ahead]:
    today = policy.calendar.today(now)
    found = []
    for one in facts.violations:
        sanction = sanction_at(facts, one, policy)
        if sanction is None:
            continue
        if sanction.suspend is SanctionOf.ACCESS and one.person_id not in {
            keeper.person_id for keeper in facts.administrators
        }:
            continue
        if facts.account_state is AccountState.LIVE:
            after = suspended_after(one, policy, today)
            what = (
                half("account suspended")
                if sanction.suspend is SanctionOf.ACCOUNT
                else half("access suspended")
            )
            stands = _stands(one)
        elif facts.suspended_at is not None and sanction.suspend is SanctionOf.ACCOUNT:
            after, what, stands = (
                closed_after(facts.suspended_at, policy),
                half("account closed"),
                "suspended",
            )
        else:
            continue
        person = one.person_id or None
        because = f"{policy.number_of(one.control)} {policy.title_of(one.control)}"
        found.append(
            Ahead(after, what, facts.account_id, handle, one.control, one.finding_id, person, because, stands)
        )
    return found


def _stands(violation: Violation) -> str:
    if violation.mend_by is None:
        return "not announced yet"
    return "announced, but no mail has left" if violation.told_at is None else "announced"
