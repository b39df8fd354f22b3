"""A roster in a folder or a zip, of whichever format: recognised by its files and their headers."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from policy.model import Policy
from schemas.errors import BadFile, Place
from schemas.roster import RosterBundle
from tasks.files import oneroster, sds, sds_v1
from tasks.files.bundle import read_bundle_files
from tasks.files.columns import Columns
from tasks.files.oneroster import read_oneroster
from tasks.files.sds_v1 import read_sds_v1
from tasks.files.tabular import Problems

_WANTED = (*oneroster.FILES, *sds_v1.FILES)


def read_roster(
    path: Path,
    policy: Policy,
    *,
    today: date,
    students: bool = False,
    problems: Problems | None = None,
    said: Columns | None = None,
) -> RosterBundle:
    """OneRoster 1.1 or 1.2, or School Data Sync v1, v2 or v2.1. See `read_oneroster`.

    Raises BadFile: no roster, or two of them; and without `problems` BadRows.
    """
    every = read_bundle_files(path, _WANTED)
    first, second = _of(every, oneroster.FILES), _of(every, sds_v1.FILES)
    if "school.csv" in second and "teacher.csv" in second:
        if "users.csv" in first:
            raise BadFile("two rosters lie in it, Teacher.csv and users.csv: give one", Place(path.name))
        wanted = second if students else {name: one for name, one in second.items() if name != "student.csv"}
        return read_sds_v1(wanted, policy, students=students, today=today, problems=problems, said=said)
    version = sds.version(first)
    return read_oneroster(
        first,
        path.name,
        policy,
        today=today,
        students=students,
        problems=problems,
        said=said,
        dialect=sds.DIALECT if version else oneroster.ONEROSTER,
        version=version,
    )


def _of(files: Mapping[str, bytes], names: tuple[str, ...]) -> dict[str, bytes]:
    return {name: one for name, one in files.items() if name in names}
