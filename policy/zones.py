"""Time zones from the tzdata package, which is newer than most machines' own data.

It matters: Alberta stays at UTC-6 from 2026. With older data every winter schedule is an hour late.
`zoneinfo` looks at the machine first; here the package goes first, without changing that for anybody else.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from schemas.language import half


class UnknownZone(ValueError):
    """The zone data has no such zone."""


@cache
def zone(name: str) -> ZoneInfo:
    """A zone by its IANA name. Raises UnknownZone, with a sentence."""
    file = _packaged(name)
    if file is None:
        raise UnknownZone(half(f"there is no time zone {name!r}: use a name like America/Edmonton"))
    with file.open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def zone_data_differs(name: str, now: datetime, machine: tuple[str, ...] = TZPATH) -> str | None:
    """A sentence when the machine's own data gives another time for this zone within a year of `now`.

    None when it agrees, or when the machine has no data of its own. `machine` are its folders.
    """
    ours = zone(name)
    theirs = _from_folders(name, machine)
    if theirs is None:
        return None
    for hours in range(0, 366 * 24, 6):
        moment = now.astimezone(UTC) + timedelta(hours=hours)
        if moment.astimezone(ours).utcoffset() != moment.astimezone(theirs).utcoffset():
            day = moment.astimezone(ours).date()
            return (
                f"Other programs of this machine show another time for {name} than Steward from {day} on: "
                f"{moment.astimezone(theirs):%H:%M} when Steward has {moment.astimezone(ours):%H:%M}. "
                f"Steward goes by its own data (tzdata {version('tzdata')}). Update the machine's, and "
                "they agree."
            )
    return None


def _parts(name: str) -> list[str] | None:
    """The name as folders and a file, or None when it could lead out of the data."""
    parts = name.split("/")
    plain = all(re.fullmatch(r"[A-Za-z0-9_+-]+", part) for part in parts)
    return parts if plain else None


def _packaged(name: str) -> Traversable | None:
    parts = _parts(name)
    if parts is None:
        return None
    file = resources.files("tzdata.zoneinfo").joinpath(*parts)
    return file if file.is_file() else None


def _from_folders(name: str, folders: tuple[str, ...]) -> ZoneInfo | None:
    parts = _parts(name)
    for folder in folders:
        file = Path(folder).joinpath(*(parts or [""]))
        if file.is_file():
            with file.open("rb") as data:
                return ZoneInfo.from_file(data, key=name)
    return None
