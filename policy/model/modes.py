"""Modes that people set for controls, laid over what the policy file says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from schemas.words import Mode


@dataclass(frozen=True)
class SetMode:
    """A mode that somebody set and that stands. It counts from the day `from_on`, of the division's zone."""

    number: int
    control: str
    mode: Mode
    from_on: date


def counting(modes: Iterable[SetMode], today: date) -> Mapping[str, SetMode]:
    """The one that counts `today` for each control: of those whose day has come, the latest."""
    begun = sorted((one.from_on, one.number, one) for one in modes if one.from_on <= today)
    return {one.control: one for _, _, one in begun}
