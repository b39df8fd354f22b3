"""Days as learning platforms write them, in the forms that are known; anything else is refused.

A form of digits such as 03/04/26 can be read in two ways. The other rows of the file decide whether the day
or the month comes first; else the person who imports the file says so.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from schemas.forms import of_this_age


class Order(StrEnum):
    """Which comes first in a date of digits."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


_TIME = r"(?:,?\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?\s*(?P<half>[ap]\.?m\.?)?)?"
_CLOCK = r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:{_CLOCK})?")
_DIGITS = re.compile(
    rf"(?P<one>\d{{1,2}})(?P<mark>[/.\-])(?P<two>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_TIME}",
    re.IGNORECASE,
)
_WEEKDAY = r"(?:[^\W\d]+,\s+)?"
_WORDS = (
    re.compile(
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})\s+(?P<name>[^\W\d]+)\.?,?\s+(?P<year>\d{{4}}){_TIME}", re.IGNORECASE
    ),
    re.compile(
        rf"{_WEEKDAY}(?P<name>[^\W\d]+)\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_TIME}", re.IGNORECASE
    ),
)
#: In English and in French, without accents.
_MONTHS = (
    ("january", "janvier"), ("february", "fevrier"), ("march", "mars"), ("april", "avril"), ("may", "mai"),
    ("june", "juin"), ("july", "juillet"), ("august", "aout"), ("september", "septembre"),
    ("october", "octobre"), ("november", "novembre"), ("december", "decembre"),
)  # fmt: skip
_AT_LEAST = 3  # letters of a month's name
_MONTHS_A_YEAR = 12


class Unreadable(ValueError):
    """This is no date in a form that is known; the message is the sentence for the user."""


def order_of(values: Iterable[str]) -> Order | None:
    """Which order the dates of digits among these values show; None when they leave it open.

    Raises Unreadable when some show one order and some the other.
    """
    shown: set[Order] = set()
    for value in values:
        found = _DIGITS.fullmatch(value.strip())
        if found is None:
            continue
        if int(found["one"]) > _MONTHS_A_YEAR:
            shown.add(Order.DAY_FIRST)
        if int(found["two"]) > _MONTHS_A_YEAR:
            shown.add(Order.MONTH_FIRST)
    if len(shown) > 1:
        raise Unreadable(
            "some dates of this file have the day first and some the month: export it again with one form"
        )
    return next(iter(shown), None)


def day_of(value: str, order: Order | None) -> date:
    """The day that a cell says, its time of day left out. Times are of the platform's own zone.

    Raises Unreadable for another form, a day that does not exist, and digits whose order is not known.
    """
    text = " ".join(value.split())
    if found := _ISO.fullmatch(text):
        return _day(found["year"], found["month"], found["day"])
    if found := _DIGITS.fullmatch(text):
        one, two = found["one"], found["two"]
        if order is None and int(one) != int(two):
            raise Unreadable(
                "day and month can't be told apart: say which comes first, --dates dmy or --dates mdy"
            )
        day, month = (two, one) if order is Order.MONTH_FIRST else (one, two)
        year = found["year"] if len(found["year"]) > 2 else f"20{found['year']}"  # noqa: PLR2004 - two digits
        return _day(year, month, day)
    for form in _WORDS:
        if found := form.fullmatch(text):
            return _day(found["year"], str(_month(found["name"])), found["day"])
    raise Unreadable("this is not a day in a form that Steward knows: write it as 2026-03-09")


def _month(name: str) -> int:
    wanted = "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if one.isalpha())
    fits = {
        number
        for number, names in enumerate(_MONTHS, start=1)
        for one in names
        if len(wanted) >= _AT_LEAST and one.startswith(wanted)
    }
    if len(fits) != 1:
        raise Unreadable("the month's name is no English or French one: export the report in one of them")
    return fits.pop()


def _day(year: str, month: str, day: str) -> date:
    try:
        found = datetime(int(year), int(month), int(day)).date()  # noqa: DTZ001 - only its day is wanted
    except ValueError:
        raise Unreadable("there is no such day") from None
    try:
        return of_this_age(found)
    except ValueError as error:
        raise Unreadable(str(error)) from None
