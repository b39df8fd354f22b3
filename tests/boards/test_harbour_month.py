"""The made-up board lives through a month: its own policy is what happens, in its own words.

One test, since it is one month: what it shows is in the functions below, a paragraph each.
"""

import asyncio
import re
from datetime import date

import pytest

from policy.model import load
from schemas.words import ItemKind
from tasks import clock
from tasks.store import Store, verifying
from tests.boards.harbour_month import (
    ANA,
    BEN,
    CLUB,
    CLUSTER,
    DAN,
    FILE,
    LEAD,
    SECRETARY,
    Month,
    lived,
)
from tests.commands.terminal import steward
from tests.support.promises import counted
from tests.support.world import World

#: What only AP 151 and its division have: their names, their offices and levels, and its numbers of clauses.
OF_ANOTHER_BOARD = re.compile(
    r"AP ?151|Northern Lights|NLPS|Alberta|Edmonton|communications|principal|classroom|superintendent"
    r"|\bdivision|focus on privacy|privacy course|clause \d|\(\d+(?:\.\d+)*\)|personal responsibility",
    re.IGNORECASE,
)
TABLES = ("account", "action_item", "notice", "decision", "finding", "privacy_review")
#: The commands that people read their reports with.
PAGES = (
    "status",
    "clauses",
    "suspensions",
    "finding list",
    "account list",
    "request list",
    "mail list",
    "people",
    "schools",
    "offices",
    "absences",
    "designations",
    "brake list",
    *(f"account {what} {number}" for what in ("show", "why", "timeline") for number in (1, 2, 3, 4)),
    "request show 1",
    "request show 2",
)


def test_a_month_of_another_board(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    month = asyncio.run(_lived(sqlite_url))
    monkeypatch.setenv("STEWARD_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("STEWARD_POLICY_FILE", str(FILE))
    monkeypatch.setattr(clock, "now", lambda: month.now)
    nothing_is_said_of_another_board(month)
    the_promises_hold(month)
    the_chain_of_deputies_decides(month)
    a_course_that_never_lapses_is_not_asked_for_again(month)
    each_level_has_its_own_notice(month)
    its_own_holidays_count(month)
    nothing_is_asked_that_it_does_not_ask(month)


async def _lived(url: str) -> Month:
    store = Store.open(url)
    try:
        month = await lived(store, load(FILE))
        await verifying.verify(store)
        month.tables = {
            name: await World(store, month.policy, month.now).rows(name)
            for name in (
                "account",
                "access",
                "action_item",
                "notice",
                "decision",
                "finding",
                "privacy_review",
            )
        }
        return month
    finally:
        await store.close()


def nothing_is_said_of_another_board(month: Month) -> None:
    """No letter, no refusal, no report and no page of a command has a word of AP 151."""
    assert len(month.letters.taken) > 20
    assert len([one for one in month.said if one.startswith("|")]) == 5  # a week each
    assert month.refused.total() >= 6, month.refused
    shown = [text for _, _, text in month.letters.taken] + month.said
    for words in PAGES:
        said = steward(*words.split())
        assert said.code == 0, f"{words}: {said.err}"
        shown.append(said.out + said.err)
    found = {
        text[max(0, match.start() - 60) : match.end() + 20]
        for text in shown
        for match in OF_ANOTHER_BOARD.finditer(text)
    }
    assert found == set()
    assert any("HC 7, clause G" in text for text in shown)
    assert any("Media Lead" in text for text in shown)


def the_promises_hold(month: Month) -> None:
    assert month.broken == [], f"{counted(month.broken)}: {[str(one) for one in month.broken[:10]]}"


def the_chain_of_deputies_decides(month: Month) -> None:
    """The Media Lead is away, so the Cluster Secretary decides, who is away too: their deputy does."""
    (decision,) = [one for one in month.tables["decision"] if one["request_id"] == 2]
    assert (decision["decided_by_id"], month.happened["approved"]) == (DAN, 2), month.refused
    wanted = [one for one in month.tables["notice"] if one["kind"] == "decision_wanted"]
    assert {one["person_id"] for one in wanted if one["subject_id"] == 2} == {DAN}


def a_course_that_never_lapses_is_not_asked_for_again(month: Month) -> None:
    """Who did it fourteen years ago has done it; who never did is asked, once."""
    asked = [one for one in month.tables["action_item"] if one["kind"] == ItemKind.COMPLETE_COURSE]
    assert {one["person_id"] for one in asked} == {BEN}
    for person in (LEAD, SECRETARY, ANA):
        assert not any("Safe Sharing" in text for text in month.letters.to(person))
    assert month.happened["granted"] >= 3


def each_level_has_its_own_notice(month: Month) -> None:
    """The cluster's notice on a club's page is not the club's; only the cluster's leads to a suspension."""
    found = {one["control"]: one for one in month.tables["finding"]}
    club, cluster = found["club-notice"], found["cluster-notice"]
    assert (club["account_id"], cluster["account_id"]) == (CLUB, CLUSTER)
    assert club["resolved_at"] is not None
    suspended = [what for what in month.happened if what.startswith("account suspended")]
    assert suspended == ["account suspended for G"], month.happened
    assert month.happened["brought back"] == 1
    assert {one["id"]: one["state"].value for one in month.tables["account"]} == {
        CLUSTER: "live",
        CLUB: "live",
        3: "live",
        4: "preparing",
    }


def its_own_holidays_count(month: Month) -> None:
    """Labour Day of New Zealand is a holiday; Thanksgiving and Remembrance Day of Canada are not."""
    labour_day, thanksgiving, remembrance = date(2026, 10, 26), date(2026, 10, 12), date(2026, 11, 11)
    left = {day for day, _, _ in month.letters.taken}
    assert labour_day not in left
    assert labour_day not in {one["due_on"] for one in month.tables["action_item"]}
    assert month.calendar.is_school_day(thanksgiving)
    assert month.calendar.is_school_day(remembrance)
    assert thanksgiving in left


def nothing_is_asked_that_it_does_not_ask(month: Month) -> None:
    """No rotation, no list to review, no privacy checklist, no daily look, no responsibility to accept."""
    asked = {one["kind"] for one in month.tables["action_item"]}
    assert not asked & {
        ItemKind.ROTATE_CREDENTIALS,
        ItemKind.CONFIRM_ROTATION,
        ItemKind.REVIEW_ADMINISTRATORS,
        ItemKind.ACCEPT_RESPONSIBILITY,
    }
    assert month.tables["privacy_review"] == []
    assert month.happened["reported"] == 1
    for what in ("checked in", "privacy attested", "responsibility accepted"):
        assert month.refused[what] == 1, month.refused
