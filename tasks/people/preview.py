"""Which offices and designations end, and when. Changes nothing."""

from datetime import date

from sqlalchemy import select, true
from sqlmodel import col

from policy.controls.administrators import Administrators
from policy.model import Policy
from schemas.accounts import Account
from schemas.ahead import Ahead
from schemas.language import half
from schemas.people import Designation, Person, Role, School
from tasks.store import Store

#: What becomes of who is missing from the roster, after their day.
COUNTS_AS_LEFT = half("counts as left")


async def preview(
    store: Store, policy: Policy, *, account_id: int | None = None, today: date
) -> tuple[Ahead, ...]:
    """What ends on a day that is known: offices, designations, and who is missing from the roster.

    Of people who are here; the soonest first.

    With an account, only the designations for that account: an office is about no account.
    """
    ahead: list[Ahead] = []
    async with store.read() as session:
        control = next((one.name for one in policy.of(Administrators) if one.designated_by), "")
        rows = await session.run(
            select(
                col(Designation.ends_on),
                col(Designation.account_id),
                col(Designation.person_id),
                col(Account.handle),
                col(Account.platform),
                col(Person.given_name),
                col(Person.family_name),
            )
            .join(Person, col(Person.id) == col(Designation.person_id))
            .outerjoin(Account, col(Account.id) == col(Designation.account_id))
            .where(
                col(Designation.ends_on) >= today,
                col(Person.active),
                true() if account_id is None else col(Designation.account_id) == account_id,
            )
        )
        for row in rows:
            whose = f"{row.given_name} {row.family_name}"
            ahead.append(
                Ahead(
                    row.ends_on,
                    half("designation ends"),
                    row.account_id,
                    row.handle or "",
                    control,
                    None,
                    row.person_id,
                    "its last day",
                    "announced",
                    whose,
                    row.platform or "",
                )
            )
        if account_id is None:
            missing = await session.run(
                select(
                    col(Person.leaves_on), col(Person.id), col(Person.given_name), col(Person.family_name)
                ).where(col(Person.leaves_on).is_not(None), col(Person.active))
            )
            for one in missing:
                whose = f"{one.given_name} {one.family_name}"
                because = "missing from the roster"
                ahead.append(
                    Ahead(
                        one.leaves_on,
                        COUNTS_AS_LEFT,
                        None,
                        "",
                        "",
                        None,
                        one.id,
                        because,
                        "announced",
                        whose,
                    )
                )
            offices = await session.run(
                select(
                    col(Role.ends_on),
                    col(Role.kind),
                    col(Role.person_id),
                    col(School.name),
                    col(Person.given_name),
                    col(Person.family_name),
                )
                .join(Person, col(Person.id) == col(Role.person_id))
                .outerjoin(School, col(School.id) == col(Role.school_id))
                .where(col(Role.ends_on) >= today, col(Person.active))
            )
            for held in offices:
                whose = f"{held.given_name} {held.family_name}"
                at = f", {held.name}" if held.name else ""
                because = f"{policy.label(held.kind)}{at}: its last day"
                ahead.append(
                    Ahead(
                        held.ends_on,
                        half("office ends"),
                        None,
                        "",
                        "",
                        None,
                        held.person_id,
                        because,
                        "known",
                        whose,
                    )
                )
    return tuple(sorted(ahead, key=lambda one: one.in_order))
