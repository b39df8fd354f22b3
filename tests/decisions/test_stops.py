"""When a stop, or a suspension for a time, is over: a truth table. No database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from policy.controls.sanction import Suspending
from policy.model import Policy
from policy.stops import confirmed_by_then, stopping, why_over

TODAY, NOW = date(2026, 10, 20), datetime(2026, 10, 20, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("through", "confirm_by", "confirmed_at", "says"),
    [
        (None, None, None, None),
        (TODAY, None, None, None),  # its last day is part of it
        (TODAY - timedelta(days=1), None, None, "that day is over"),
        (None, NOW + HOUR, None, None),
        (None, NOW, None, "no second office"),
        (None, NOW, NOW - HOUR, None),
        (TODAY, NOW - HOUR, NOW - 2 * HOUR, None),
        (TODAY - timedelta(days=1), NOW - 2 * HOUR, NOW - 3 * HOUR, "that day is over"),
    ],
)
def test_when_it_is_over(
    through: date | None, confirm_by: datetime | None, confirmed_at: datetime | None, says: str | None
) -> None:
    found = why_over(through, confirm_by, confirmed_at, TODAY, NOW)
    assert (found is None) is (says is None)
    assert (says or "") in (found or "")


def test_two_offices_or_none_stop(policy: Policy) -> None:
    assert stopping(policy) == ("communications officer", "superintendent")
    assert confirmed_by_then(policy, NOW) == NOW + timedelta(days=1)
    name = policy.name_of(Suspending)
    assert stopping(policy.changed(name, stopped_by=())) == ()
    given = policy.the(Suspending).model_dump() | {"stopped_by": ("superintendent",)}
    with pytest.raises(ValueError, match="two offices or more"):
        Suspending.model_validate(given)
