"""`steward audit list`: who did what, when, from where and in whose name."""

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.incidents import Incident
from schemas.outcome import Subject
from schemas.states import IncidentState
from schemas.words import SubjectKind, Via
from tasks.store import Store, audit
from tasks.store.audit import STEWARD, Actor
from tests.commands.terminal import steward
from tests.store.subjects import a_person, an_access, an_account
from tests.support.databases import run_in_own_loop


async def fill(url: str, now: datetime) -> None:
    """One account with an access; what a deputy did at a terminal; an office; the sweep, a day later."""
    store = Store.open(url)
    try:
        async with store.write() as session:
            first, second = await a_person(session, 1), await a_person(session, 2)
            account = await an_account(session, first, now)
            await an_access(session, account, second, now)
        deputy = Actor(first, Via.COMMAND, os_user="ann", in_name_of=second)
        sweep = now + timedelta(days=1)
        for about, actor, cause, at in (
            (Subject(SubjectKind.PERSON, 3), deputy, " =office given", now),
            (Subject(SubjectKind.RULE, 0), STEWARD, "held to the rule", sweep),
        ):
            async with store.write() as session:
                await audit.append(session, about, actor=actor, control="", cause=cause, now=at)
    finally:
        await store.close()


@pytest.fixture
def filled(store_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    run_in_own_loop(fill(store_url, now))
    monkeypatch.setenv("STEWARD_DATABASE_URL", store_url)


def listed(*words: str) -> list[Any]:
    found: list[Any] = json.loads(steward("audit", "list", "--json", *words).out)
    return found


@pytest.mark.usefixtures("filled")
def test_entries_are_listed_filtered_and_exported() -> None:
    assert [one["cause"] for one in listed()] == [
        "held to the rule",
        " =office given",
        "approval",
        "approval",
    ]
    deputy = listed("--act", "OFFICE")[0]
    assert deputy["by"] == "Robin Example1"
    assert (deputy["via"], deputy["user"]) == ("command line", "ann")
    assert (deputy["in_name_of_id"], deputy["in_name_of"]) == (2, "Robin Example2")
    for words, entries in (
        (["--person", "robin2@example.org"], [3, 2]),
        (["--account", "1"], [2, 1]),
        (["--in-name-of", "2"], [3]),
        (["--through", "ann"], [3]),
        (["--through", "command"], [3, 2, 1]),
        (["--from", "2026-10-21"], [4]),
        (["--to", "2026-10-20"], [3, 2, 1]),
        (["--limit", "1"], [4]),
    ):
        assert [one["entry"] for one in listed(*words)] == entries, words

    rows = list(csv.reader(io.StringIO(steward("audit", "list", "--csv").out)))
    assert rows[0][:4] == ["entry", "at", "by_id", "by"]
    assert len(rows) == 5
    assert rows[2][8] == "' =office given", "no formula for a spreadsheet"

    said = steward("audit", "list").out
    assert max(map(len, said.splitlines())) <= 80
    assert "Example2" in said
    assert steward("audit", "list", "--act", "nothing").out == "No entries.\n"


@pytest.mark.usefixtures("filled")
def test_at_a_terminal_nobody_reads_who_reported_somebody(store_url: str, now: datetime) -> None:
    """Nobody knows who sits there: it may be the person whom the report is about."""

    later = now + timedelta(days=2)

    async def report() -> None:
        store = Store.open(store_url)
        try:
            async with store.write() as session:
                its: dict[str, Any] = {
                    "under": "sanctions",
                    "rule": "AP 170",
                    "tells": "What happened.",
                    "reported_at": now,
                }
                its |= {"recorded_via": Via.COMMAND, "state_since": now, "state": IncidentState.REPORTED}
                session.add(Incident(reported_by_id=2, person_id=1, **its))
                await session.flush()
                for person, cause in ((2, "reported"), (1, "answered")):
                    by = Actor(person, Via.COMMAND, os_user=f"user{person}")
                    about = Subject(SubjectKind.INCIDENT, 1)
                    await audit.append(session, about, actor=by, control="", cause=cause, now=later)
        finally:
            await store.close()

    run_in_own_loop(report())
    answered, reported = listed("--limit", "2")
    assert (answered["by"], answered["user"]) == ("Robin Example1", "user1")
    assert (reported["by"], reported["by_id"], reported["user"]) == ("who reported it", None, None)
    assert reported["entry"] not in {one["entry"] for one in listed("--person", "2")}
    assert listed("--through", "user2") == []
    assert "Example2" not in steward("audit", "list", "--csv", "--act", "reported").out
