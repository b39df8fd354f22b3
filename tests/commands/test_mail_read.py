"""Letters that wait can be read, and the newest of a list are shown."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from policy.model import Policy
from policy.notices import NoticeKind
from policy.notices.access import AccessRevoked, GatesOpen
from policy.notices.accounts import AccountLive
from policy.notices.contacts import ContactShared
from policy.notices.findings import SweepSummary
from policy.notices.incidents import ReportDecided, ReportToTakeOn
from policy.notices.requests import RequestApproved, RequestDeclined
from schemas.machinery import Notice
from schemas.notices import NoticeState
from tests.commands.terminal import Terminal
from tests.mail.mail_cases import NOW, notice
from tests.mail.outbox_helpers import fill, many
from tests.support.world import World

#: Letters that leave in working hours, whatever has happened since.
NEWS: tuple[type[NoticeKind], ...] = (RequestApproved, RequestDeclined, ReportDecided)

#: What few may see.
FOR_FEW: tuple[type[NoticeKind], ...] = (ReportToTakeOn, ContactShared, ReportDecided)


@pytest.fixture
def now() -> datetime:
    """The day of the cases of letters."""
    return NOW


@pytest.fixture
def desk(
    home: Path,  # noqa: ARG001 - the environment
    sqlite_url: str,
    policy: Policy,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    """A terminal in front of the division of the letters' cases, its outbox empty."""
    monkeypatch.setenv("STEWARD_DATABASE_URL", sqlite_url)
    return Terminal(sqlite_url, policy, now)


def put(desk: Terminal, *notices: Notice, crowd: int = 0) -> None:
    """Fill the division and its outbox."""

    async def work(world: World) -> None:
        await fill(world.store, notices, crowd)

    desk.world(work)


def test_a_letter_that_waits_is_read_as_its_reader_would(desk: Terminal) -> None:
    put(desk, notice(AccessRevoked, 7), notice(RequestApproved, 8, to=2))
    before = desk.everything()
    assert "steward mail show --waiting 8" in desk.steward("mail", "list").out
    for words in (["--waiting", 7], [7]):
        said = desk.steward("mail", "show", *words).out
        assert said.startswith("Notice 7 has not left: leaves with the next delivery.")
        assert "person1@example.org" in said
        assert "@lakeside.school on Instagram" in said
    shown = json.loads(desk.steward("mail", "show", 7, "--json").out)
    assert shown["notices"] == [7]
    assert shown["html"].startswith("<!doctype html>")
    assert desk.steward("mail", "show", 7, "--html").out.startswith("<!doctype html>")
    assert desk.everything() == before


def test_what_leaves_as_one_letter_is_shown_as_one(desk: Terminal) -> None:
    kinds: list[type[NoticeKind]] = [*NEWS, AccountLive]
    put(desk, *(notice(kind, n) for n, kind in enumerate(kinds, 7)))
    said = desk.steward("mail", "show", 8).out
    assert "One letter with notices 7, 9, 10" in said
    assert "4 things, first:" in said


def test_what_has_left_or_never_will_is_said(desk: Terminal) -> None:
    left, dead = notice(AccessRevoked, 7), notice(RequestApproved, 8)
    left.state, dead.state, dead.last_error = NoticeState.SENT, NoticeState.DEAD, "item ended"
    put(desk, left, dead, notice(GatesOpen, 10))
    for number, part in (
        (10, "would not leave now"),
        (7, "has left"),
        (8, "will not, since its cause is gone: item ended"),
        (9, "There is no notice 9"),
    ):
        said = desk.steward("mail", "show", number)
        assert (said.code, said.out) == (2, "")
        assert part in said.err


def test_what_few_may_see_is_read_by_its_reader_alone(
    desk: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where letters are caught, whoever may look reads them later; where they leave, nobody does."""
    put(desk, *(notice(kind, n) for n, kind in enumerate(FOR_FEW, 7)))
    assert desk.steward("mail", "show", 7).code == 0
    monkeypatch.setenv("STEWARD_SMTP_HOST", "mail.example.org")
    for number in (7, 8, 9):
        said = desk.steward("mail", "show", number)
        assert (said.code, said.out) == (2, "")
        assert "only its reader reads it" in said.err


def test_the_newest_are_shown_and_how_to_see_the_rest(desk: Terminal) -> None:
    put(desk, *many(SweepSummary, range(100, 130)), crowd=30)
    said = desk.steward("mail", "list").out
    assert "member129@example.org" in said
    assert "member100@example.org" not in said
    assert "These are the newest 20 of 30: --all shows all" in said
    assert "member100@example.org" in desk.steward("mail", "list", "--all").out
    assert len(json.loads(desk.steward("mail", "list", "--json").out)["waiting"]) == 30
