"""One live school account that holds every rule, and changes to it."""

from datetime import UTC, date, datetime, time

from tests.factories.division import (
    ZONE,
    Division,
    a_check,
    a_completion,
    a_person,
    a_receipt,
    a_review,
    a_role,
    a_rotation,
    a_school,
    an_acceptance,
    an_access,
    an_account,
)

TODAY = date(2026, 10, 20)


def a_school_account(today: date) -> Division:
    """One live school account that holds every rule: a principal and a teacher, both trained."""
    return Division(
        schools=[a_school(1), a_school(2)],
        people=[a_person(1), a_person(2)],
        roles=[a_role(1)],
        accounts=[an_account(1)],
        accesses=[an_access(1, 1), an_access(1, 2)],
        completions=[a_completion(1, today), a_completion(2, today)],
        receipts=[a_receipt(1), a_receipt(2)],
        acceptances=[an_acceptance(1, 1), an_acceptance(1, 2)],
        reviews=[a_review(1, noon(today))],
        checks=[a_check(1, noon(today))],
        rotations=[a_rotation(1, noon(today))],
    )


def noon(day: date) -> datetime:
    """Midday in the division, as an instant."""
    return datetime.combine(day, time(12), ZONE).astimezone(UTC)


def fresh(change: dict[str, list[object]]) -> dict[str, list[object]]:
    """Copies: a row that was stored once belongs to its session."""
    return {
        key: [type(row).model_validate(row.model_dump()) for row in rows]  # type: ignore[attr-defined]
        for key, rows in change.items()
    }
