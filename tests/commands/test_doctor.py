"""`steward doctor look`: each thing that can be wrong is named, with what to do; else nothing is."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deployments.local.health import FREE_BYTES, of_python, of_the_browser, of_the_clock, of_the_disk
from policy.model import Policy
from schemas.events import EventKind
from schemas.machinery import Event, Notice, Wake
from schemas.notices import NoticeState, Urgency
from schemas.settings import Settings
from schemas.words import SubjectKind
from tasks.health import of_the_calendar, of_the_offices
from tests.commands.terminal import Terminal
from tests.support.smtp_server import serving
from tests.support.world import CO, World


def test_python_clock_and_disk() -> None:
    assert [bool(of_python(one).do) for one in ((3, 11, 8), (3, 11, 9), (3, 14, 0))] == [True, False, False]
    moved = of_the_clock(timedelta(days=1), None)
    assert ("1 day" in moved.says, bool(moved.do)) == (True, True)
    assert of_the_clock(timedelta(), "The zones differ.").do
    assert not of_the_clock(timedelta(), None).do
    assert [bool(of_the_disk(one).do) for one in (FREE_BYTES - 1, FREE_BYTES)] == [True, False]


def test_calendar_and_offices(policy: Policy) -> None:
    ends = max(one.last for one in policy.days_off)
    assert [bool(of_the_calendar(policy, ends - timedelta(days=ago)).do) for ago in (120, 121)] == [
        True,
        False,
    ]
    needed = {policy.duties.keeps_policy, *policy.duties.gives_offices, *policy.duties.adopts_policy}
    assert not of_the_offices(policy, frozenset(needed)).do
    for office in needed:
        assert policy.label(office) in of_the_offices(policy, frozenset(needed - {office})).says


async def stuck(world: World) -> None:
    """A letter was refused too often, and nobody took up what happened two hours ago."""
    about: dict[str, Any] = {"subject_kind": SubjectKind.PERSON, "subject_id": CO}
    ago = world.now - timedelta(hours=2)
    await world.put(
        Event(id=1, kind=EventKind.COMPLETION_RECORDED, occurred_at=ago, **about),
        Wake(event_id=1, lifecycle="training-gate"),
        Notice(
            key="a/person:1",
            kind="access_granted",
            urgency=Urgency.NORMAL,
            person_id=CO,
            created_at=ago,
            not_before=ago,
            state=NoticeState.PARKED,
            **about,
        ),
    )


async def test_what_is_wrong_is_named_with_what_to_do(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as server:
        monkeypatch.setenv("STEWARD_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("STEWARD_SMTP_PORT", str(server.port))
        good = await asyncio.to_thread(terminal.steward, "doctor", "look", "--json")
        await asyncio.to_thread(terminal.world, stuck)
        bad = await asyncio.to_thread(terminal.steward, "doctor", "look", "--json")
    silent = await asyncio.to_thread(terminal.steward, "doctor", "look")
    before = {one["what"]: one["do"] for one in json.loads(good.out)}
    after = {one["what"]: one["do"] for one in json.loads(bad.out)}
    assert {name for name in before if before[name] == "" and after[name]} == {"wake-ups", "letters"}
    assert before["mail"] == before["store"] == before["offices"] == ""
    assert "Prefect" in silent.out
    assert "look: 127.0.0.1:" in silent.out
    assert silent.code == bad.code == 1
    assert server.inbox == []


async def test_a_catcher_that_is_not_there_is_no_fault_of_a_mail_server(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Steward is stopped, nobody looks for a setting of a mail server that was never set."""
    monkeypatch.delenv("STEWARD_SMTP_HOST", raising=False)
    monkeypatch.setenv("STEWARD_MAIL_PORT", "1")
    said = await asyncio.to_thread(terminal.steward, "doctor", "look", "--json")
    (mail,) = [one for one in json.loads(said.out) if one["what"] == "mail"]
    assert mail["says"].startswith("Steward does not run here")
    assert mail["do"] == "Start it: `steward up`."


@pytest.mark.parametrize(
    ("wanted", "program", "does"),
    [(True, sys.executable, False), (True, "/nowhere/chromium", True), (False, "/nowhere/chromium", False)],
)
def test_a_browser_that_is_wanted_and_missing_is_told(wanted: bool, program: str, does: bool) -> None:
    found = of_the_browser(Settings(page_browser=wanted, page_browser_program=Path(program)))
    assert bool(found.do) is does
