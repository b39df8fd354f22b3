"""Answers that nobody means: a day in another age, a field that came twice, a stop of many years."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from portal.fields import values
from schemas.errors import BadInput
from schemas.forms import Day, LocalMoment
from tasks.acts.table import ACTS
from tasks.files.dates import Unreadable, day_of
from tasks.suspension.suspend import refuse_past

TODAY = date(2026, 10, 20)


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-31", "2100-01-01", "9999-12-31"])
def test_a_day_of_another_age_is_a_slip_in_its_year(day: str) -> None:
    with pytest.raises(ValidationError, match="look at its year"):
        TypeAdapter(Day).validate_python(day)
    with pytest.raises(ValidationError, match="look at its year"):
        TypeAdapter(Day).validate_python(date.fromisoformat(day))
    with pytest.raises(ValidationError, match="look at its year"):
        TypeAdapter(LocalMoment).validate_python(f"{day} 10:00")
    with pytest.raises(Unreadable, match="look at its year"):
        day_of(day, None)


def test_a_day_that_somebody_may_mean_is_taken() -> None:
    assert TypeAdapter(Day).validate_python("2026-10-20") == TODAY
    assert day_of("1990-01-01", None) == date(1990, 1, 1)


def test_no_suspension_is_for_many_years() -> None:
    refuse_past(date(2028, 10, 1), TODAY)
    with pytest.raises(BadInput, match="more than two years ahead"):
        refuse_past(date(2062, 10, 20), TODAY)


def test_a_field_that_came_twice_is_no_answer() -> None:
    form = ACTS["decide-a-request"].load().form
    assert values({"verdict": ["approve", "approve"]}, form) == {"verdict": "approve"}
    with pytest.raises(BadInput, match="came twice, each time otherwise"):
        values({"verdict": ["approve", "decline"]}, form)
