"""A roster pulled from OneRoster's REST service: whole or not at all, and with no secret in sight."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.responses import JSONResponse

from policy.model import Policy
from schemas.errors import BadFile
from schemas.roster import RosterBundle
from schemas.settings import Settings
from tasks.files.oneroster_rest import pull_roster
from tasks.files.rosters import read_roster
from tests.roster.roster_bundles import CANARY, folder
from tests.roster.student_system import CLIENT, SECRET, StudentSystem, a_user, an_org, ref

ORGS = [an_org(1, "district"), an_org(2), an_org(3)]


@pytest.fixture
def read(policy: Policy, tmp_path: Path) -> Callable[[dict[str, bytes]], RosterBundle]:
    return lambda files: read_roster(folder(tmp_path / "pulled", files), policy, today=date(2026, 10, 20))


async def never(_seconds: float) -> None:
    """A pause that takes no time."""


def teachers(count: int) -> list[dict[str, Any]]:
    return [a_user(n, role="teacher", orgs=[ref(2), ref(3)]) for n in range(1, count + 1)]


async def test_1_1_comes_page_by_page_and_nothing_else_is_asked_for(
    read: Callable[[dict[str, bytes]], RosterBundle],
) -> None:
    users = [*teachers(240), a_user(241, role="administrator", orgs=[ref(2)]), a_user(242, role="student")]
    async with StudentSystem(ORGS, users, tokens_last=2).serving() as system:
        files = await pull_roster(system.service, sleep=never)
    assert len(system.tokens) > 1, "a token that ends meanwhile is renewed"
    assert len([one for one in system.asked if "/users" in one and "offset=200" in one]) >= 1
    assert CANARY.encode() not in b"".join(files.values())
    found = read(files)
    assert (found.version, len(found.people), len(found.orgs)) == ("1.1", 241, 3)
    assert [(one.person, one.org) for one in found.roles] == [("u241", "o2")]
    assert found.people[0].org == "o2"


async def test_1_2_has_roles_with_their_days(read: Callable[[dict[str, bytes]], RosterBundle]) -> None:
    role = {"roleType": "primary", "role": "principal", "org": ref(2), "beginDate": "2026-08-24"}
    users = [
        a_user(1, roles=[{**role, "endDate": "2027-06-30"}], primaryOrg=ref(2), preferredFirstName="Sam"),
        a_user(2, roles=[{**role, "role": "teacher", "org": ref(3)}], enabledUser=False),
    ]
    async with StudentSystem(ORGS, users, version="v1p2", says_totals=False).serving() as system:
        found = read(await pull_roster(system.service, sleep=never))
    assert (found.version, set(found.gone)) == ("1.2", {"u2"})
    assert [(one.given_name, one.org) for one in found.people] == [("Sam", "o2")]
    (office,) = (one for one in found.roles if one.person == "u1")
    assert (office.begins, office.ends) == (date(2026, 8, 24), date(2027, 6, 30))


async def test_a_service_that_is_busy_for_a_while_is_asked_again() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    busy = [JSONResponse({}, 503), JSONResponse({}, 429, headers={"Retry-After": "7"})]
    async with StudentSystem(ORGS, teachers(1), busy=busy).serving() as system:
        assert b"u1" in (await pull_roster(system.service, sleep=sleep))["users.csv"]
    assert waited == [7.0, 4.0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hides": 2}, "it says that it has 3 orgs, and gave 1: nothing was taken"),
        ({"busy": [JSONResponse({}, 503) for _ in range(9)]}, "it is away, or busy"),
        ({"busy": [JSONResponse({}, 403)]}, "it answers 403"),
        ({"busy": [JSONResponse({}, 307, headers={"Location": "http://127.0.0.1:1/"})]}, "it answers 307"),
        ({"busy": [JSONResponse({"people": []})]}, "its answer has no orgs"),
        ({"busy": [JSONResponse({"orgs": ["x"]})]}, "its orgs are no list of records"),
    ],
)
async def test_what_is_not_whole_is_refused(
    caplog: pytest.LogCaptureFixture, wrong: dict[str, Any], said: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with StudentSystem(ORGS, teachers(2), **wrong).serving() as system:
        with pytest.raises(BadFile) as error:
            await pull_roster(system.service, sleep=never)
    assert said in str(error.value)
    for place in (str(error.value), caplog.text, repr(system.service)):
        assert SECRET not in place
        assert not any(token in place for token in system.tokens)


async def test_a_wrong_secret_is_said_and_not_shown() -> None:
    async with StudentSystem(ORGS, teachers(1)).serving() as system:
        wrong = replace(system.service, client_id=CLIENT[:-1])
        with pytest.raises(BadFile, match=r"it gives us no token \(401\)"):
            await pull_roster(wrong, sleep=never)
    assert system.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://sis.example.org/ims/oneroster/v1p1",
        "https://user:word@sis.example.org/v1p1",
        "https://sis.example.org/oneroster",
        "sis.example.org/v1p1",
    ],
)
def test_an_address_that_would_carry_the_secret_in_the_open_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(oneroster_url=url)
