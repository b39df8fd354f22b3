"""Why an account is suspended, by whom, since when, and the way back."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from policy.model import Policy
from policy.reinstatement import decides_suspensions
from schemas.accounts import Account
from schemas.findings import Finding, Suspension
from schemas.language import half
from schemas.people import Person
from schemas.states import AccountState
from tasks.store.session import Session


@dataclass(frozen=True)
class SuspensionShown:
    """An account's suspension, as people read it. `by`: who decided it, or Steward. `since` is in UTC."""

    since: datetime
    clause: str
    why: str
    by: str
    way_back: str


async def its_suspension(session: Session, policy: Policy, account: Account) -> SuspensionShown | None:
    """The suspension that stands; None for an account that is not suspended."""
    if account.state is not AccountState.SUSPENDED:
        return None
    found = await session.exec(
        select(Suspension).where(col(Suspension.account_id) == account.id, col(Suspension.ended_at).is_(None))
    )
    row = found.first()
    office, number = policy.label(decides_suspensions(policy).role), account.id
    decides = half(
        "the {office} brings it back with `steward account reinstate {number}`", office=office, number=number
    )
    if row is None:
        return SuspensionShown(
            account.state_since, "", half("it was suspended before Steward knew it"), "", decides
        )
    why = f"{policy.title_of(row.control)}: {row.reason}"
    person = await session.get(Person, row.decided_by_id) if row.decided_by_id is not None else None
    ask = half(
        "its people ask with `steward account ask-back {number}`, and {decides}",
        number=number,
        decides=decides,
    )
    if person is None:
        numbers = await session.exec(
            select(Finding.id)
            .where(
                col(Finding.account_id) == number,
                col(Finding.control) == row.control,
                col(Finding.resolved_at).is_(None),
            )
            .order_by(col(Finding.id))
        )
        mend = ", ".join(half("finding {number}", number=one) for one in numbers)
        ask = (
            half(
                "mend {findings}; then the {office} is asked by itself, and {decides}",
                findings=mend,
                office=office,
                decides=decides,
            )
            if mend
            else decides
        )
    return SuspensionShown(
        row.suspended_at,
        policy.number_of(row.control),
        why,
        person.name if person is not None else "Steward",
        ask,
    )
