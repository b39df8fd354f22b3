"""Who is only missing from a roster is told a day, and has left after it; who it says has left, at once."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from deployments.cli.import_roster import as_text
from policy.model import Policy, load
from policy.notices.brakes import says
from policy.roster import TooManyGone
from schemas.accounts import Access
from schemas.brakes import Brake
from schemas.columns import table_of
from schemas.machinery import ActionItem, AuditEntry, Notice
from schemas.notices import NoticeState
from schemas.people import Person, Role
from schemas.settings import ROOT, Settings
from schemas.states import AccessState
from schemas.words import BrakeAnswer, BrakeOf, ItemKind, Via
from tasks.access import lifecycle as gate
from tasks.people.listing import list_people
from tasks.people.preview import preview
from tasks.people.returning import ReturnOfPersonForm, person_returns
from tasks.people.roster import RosterForm, RosterReport, import_roster
from tasks.runtime import Runtime
from tasks.store import Store, verifying
from tests.factories.division import an_access, an_account, put
from tests.roster.roster_bundles import bundle11, folder, user11

HEAD, TEACHER = user11(1, "administrator", "s1"), user11(2)
OTHERS = [user11(n) for n in range(3, 14)]
OTHER_HEAD = user11(14, "administrator", "s2")
OTHER_OF_THE_SCHOOL = user11(15, "administrator", "s1")


class School:
    """A live account of a school, run by its head and a teacher, and the rosters that come."""

    def __init__(self, store: Store, policy: Policy, now: Any, path: Path) -> None:
        self.store, self.policy, self.now, self.path = store, policy, now, path
        self.bundles = 0

    async def take(self, *users: list[str], dry_run: bool = False, left_out: int = 0) -> RosterReport:
        self.bundles += 1
        files = bundle11(*users, *OTHERS[left_out:], OTHER_HEAD)
        path = folder(self.path / f"bundle{self.bundles}", files)
        form = RosterForm(actor="person14@example.org", path=path, dry_run=dry_run)
        return await import_roster(self.store, self.policy, form, via=Via.COMMAND, now=self.now)

    async def rows(self, table: Any) -> list[Any]:
        async with self.store.read() as session:
            return list(await session.rows(select(table_of(table))))

    async def person(self, number: int) -> Any:
        return next(row for row in await self.rows(Person) if row.source_id == f"u{number}")

    async def night(self) -> list[str]:
        """Who leaves, and what is taken from them, by the stages of the training gate."""
        runtime, said = Runtime(Settings(), self.policy, self.store), list[str]()
        for stage in gate.LIFECYCLE.stages:
            for case in await stage.due(runtime, self.now):
                said += await stage.move(runtime, case, self.now)
        return [one for one in said if one.startswith(("left", "revoked"))]

    async def delivered(self) -> None:
        """Every letter that waits has left."""
        async with self.store.write(audited=False) as session:
            sent = {"state": NoticeState.SENT, "sent_at": self.now}
            await session.run(update(table_of(Notice)).values(**sent))

    async def accesses(self) -> dict[int, AccessState]:
        return {row.person_id: row.state for row in await self.rows(Access)}

    async def letters(self) -> list[tuple[str, int, str]]:
        return sorted(
            (row.kind, row.person_id, row.facts.get("ends_on", "")) for row in await self.rows(Notice)
        )


@pytest.fixture
async def school(store: Store, now: Any, tmp_path: Path) -> School:
    made = School(store, load(ROOT / "policy" / "ap151.toml"), now, tmp_path)
    await made.take(HEAD, TEACHER)
    head, teacher = (await made.person(1)), (await made.person(2))
    async with store.write() as session:
        await put(session, an_account(1, school_id=head.school_id))
        await put(session, an_access(1, head.id), an_access(1, teacher.id))
    return made


#: Five school days after Tuesday 20 October 2026.
THROUGH = date(2026, 10, 27)


async def test_who_is_missing_stays_until_the_day_that_was_told(
    school: School,
) -> None:
    report = await school.take(HEAD)
    teacher, head = await school.person(2), await school.person(1)
    assert (teacher.active, teacher.leaves_on) == (True, THROUGH)
    assert "Missing, of 14 active: they count as left after 2026-10-27" in as_text(report)
    assert [(one.account, one.control) for one in report.coming if one.control != "password-change"] == [
        (1, "school-administrators")
    ]
    assert [one for one in await school.letters() if one[0] == "missing_from_roster"] == [
        ("missing_from_roster", head.id, "2026-10-27"),
        ("missing_from_roster", teacher.id, "2026-10-27"),
    ]
    lies_ahead = await preview(school.store, school.policy, today=school.now.date())
    (ahead,) = [one for one in lies_ahead if one.what == "counts as left"]
    assert (ahead.after, ahead.person, ahead.because) == (THROUGH, teacher.id, "missing from the roster")

    async with school.store.read() as session:
        listed = {one.person: one.leaves_on for one in (await list_people(session)).rows}
    assert listed[teacher.id] == THROUGH, "`people` says so"
    assert listed[head.id] is None

    school.now += timedelta(days=7)  # the last day itself
    await school.take(HEAD)  # a second roster without them moves no day and sends no second letter
    assert await school.night() == []
    assert (await school.person(2)).leaves_on == THROUGH
    assert len([one for one in await school.letters() if one[0] == "missing_from_roster"]) == 2

    school.now += timedelta(days=1)
    assert await school.night() == [], "no letter has left yet"
    await school.delivered()
    assert "left: missing from the roster" in await school.night()
    assert (await school.person(2)).active is False
    assert (await school.accesses())[teacher.id] is AccessState.REVOKED
    assert (await school.accesses())[head.id] is AccessState.GRANTED
    await verifying.verify(school.store)


async def test_a_roster_that_has_them_again_keeps_them(school: School) -> None:
    await school.take(HEAD)
    await school.delivered()
    await school.take(HEAD, TEACHER)
    called_off = [who for kind, who, _ in await school.letters() if kind == "stays_after_all"]
    assert called_off == [(await school.person(1)).id, (await school.person(2)).id], "who read of it"
    school.now += timedelta(minutes=5)
    await school.take(HEAD)
    assert len([one for one in await school.letters() if one[0] == "missing_from_roster"]) == 4, "told anew"
    await school.take(HEAD, TEACHER)
    assert ((await school.person(2)).active, (await school.person(2)).leaves_on) == (True, None)
    school.now += timedelta(days=20)
    assert await school.night() == []


async def test_somebody_says_that_they_are_here(school: School) -> None:
    await school.take(HEAD)
    form = ReturnOfPersonForm(actor="person1@example.org", person="person2@example.org")
    done = await person_returns(school.store, school.policy, form, via=Via.COMMAND, now=school.now)
    assert done.says.startswith("Given2 Sample2 stays.")
    assert "stays_after_all" not in {one[0] for one in await school.letters()}, "nobody had read of it"
    school.now += timedelta(days=20)
    assert await school.night() == []
    assert (await school.person(2)).active


async def test_who_the_roster_says_has_left_has_left_at_once(school: School) -> None:
    report = await school.take(HEAD, user11(2, enabledUser="false"))
    assert (await school.person(2)).active is False
    assert report.coming == ()
    assert [one for one in await school.letters() if one[0] == "missing_from_roster"] == []


async def test_an_office_that_is_left_out_ends_after_the_day_that_its_holder_was_told(school: School) -> None:
    await school.take(user11(1), TEACHER, user11(15, "administrator", "s1"))
    head = await school.person(1)
    (office,) = [row for row in await school.rows(Role) if row.person_id == head.id]
    assert office.ends_on == THROUGH
    assert ("office_ends", head.id, "2026-10-27") in await school.letters()

    await school.delivered()
    await school.take(HEAD, TEACHER, user11(15, "administrator", "s1"))
    (office,) = [row for row in await school.rows(Role) if row.person_id == head.id]
    assert office.ends_on is None, "the next roster has it again"
    assert [who for kind, who, _ in await school.letters() if kind == "stays_after_all"] == [head.id]


async def test_a_head_who_is_missing_keeps_the_office_until_they_count_as_left(school: School) -> None:
    await school.take(TEACHER, user11(15, "administrator", "s1"))
    head = await school.person(1)
    (office,) = [row for row in await school.rows(Role) if row.person_id == head.id]
    assert (office.ends_on, head.leaves_on) == (None, THROUGH)
    await school.delivered()
    school.now += timedelta(days=8)
    assert "left: missing from the roster" in await school.night()
    (office,) = [row for row in await school.rows(Role) if row.person_id == head.id]
    assert office.ends_on == date(2026, 10, 27)
    causes = [row.cause for row in await school.rows(AuditEntry) if row.subject_id == head.id]
    assert {"missing from the roster", "gone from the roster", "office ended by the roster"} <= set(causes)


async def test_the_school_is_asked_who_follows_while_there_is_time(school: School) -> None:
    await school.take(OTHER_OF_THE_SCHOOL)
    await school.night()
    (item,) = [row for row in await school.rows(ActionItem) if row.kind is ItemKind.NAME_SUCCESSOR]
    assert item.subject_id == 1


async def test_files_that_are_cut_shorter_each_time_meet_the_brake(school: School) -> None:
    everybody = [HEAD, TEACHER]
    await school.take(*everybody, left_out=2)
    with pytest.raises(TooManyGone, match="4 of 14"):
        await school.take(*everybody, left_out=4)


async def test_a_policy_may_trust_its_rosters(school: School) -> None:
    trusting = school.policy.roster.model_copy(update={"missing_school_days": 0})
    school.policy = school.policy.model_copy(update={"roster": trusting})
    report = await school.take(HEAD)
    assert (await school.person(2)).active is False
    assert report.difference.stands_through is None


@pytest.mark.parametrize("at_most", [1, 2])
async def test_very_many_who_are_missing_wait_for_an_answer(school: School, at_most: int) -> None:
    few = {"losses_at_most": at_most, "losses_share_at_most": 0.0}
    night = school.policy.night.model_copy(update=few)
    school.policy = school.policy.model_copy(update={"night": night})
    await school.take()  # the head and the teacher of one school
    await school.delivered()
    school.now += timedelta(days=8)
    left = ["left: missing from the roster"] * 2
    first = [one for one in await school.night() if one in left]
    questions = [
        (row.found, row.out_of)
        for row in await school.rows(Brake)
        if row.of is BrakeOf.COUNT_AS_LEFT and row.ended_at is None
    ]
    if at_most == 2:
        assert (first, questions) == (left, [])
        return
    assert (first, questions) == ([], [(2, 2)])
    assert await school.night() == [], "it waits until somebody has answered"
    await verifying.verify(school.store)
    assert "would count as left tonight" in says((await school.rows(Brake))[0], school.policy)[0]
    async with school.store.write(audited=False) as session:
        answered = update(table_of(Brake)).values(answer=BrakeAnswer.RELEASE)
        await session.run(answered)
    assert [one for one in await school.night() if one in left] == left
