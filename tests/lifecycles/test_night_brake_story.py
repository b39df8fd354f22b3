"""What one cause would begin for very many waits; one question is asked, and its answer counts (10)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from deployments.sample.words import Level, RoleKind
from policy.model import Policy
from policy.notices import NoticeContext, read
from schemas.accounts import Access
from schemas.brakes import Brake
from schemas.errors import AlreadyDone, BadInput, NotAllowed
from schemas.findings import Finding
from schemas.gates import Completion
from schemas.machinery import ActionItem, Notice
from schemas.notices import NoticeState
from schemas.people import Person
from schemas.receipt import Receipt
from schemas.settings import Settings
from schemas.states import AccessState
from schemas.words import BrakeAnswer, BrakeOf, ItemKind, ItemState, Via
from tasks.access import tonight
from tasks.access.facts import Read, read_accesses
from tasks.access.lifecycle import LIFECYCLE as GATES
from tasks.brakes.answering import HoldBrakeForm, ReleaseBrakeForm, hold, release
from tasks.brakes.listing import questions
from tasks.cases import Only
from tasks.lifecycles import Lifecycle
from tasks.mail.rows import load
from tasks.rehearsal import rehearse
from tasks.store.session import Session
from tasks.suspension.lifecycle import LIFECYCLE as SUSPENSION
from tests.factories.division import (
    a_completion,
    a_person,
    a_receipt,
    a_role,
    an_acceptance,
    an_access,
    an_account,
)
from tests.support.changed_policies import for_classrooms, new_version, renamed, valid_days
from tests.support.world import CO, DEPUTY, PRINCIPAL, World, mail

#: 243 people at school accounts, of whom 219 did the course a while ago; 68 in classrooms, 12 of them never.
SCHOOL, OLD, CLASSROOM, NEVER = 243, 219, 68, 12
FIRST, ROOM = 101, 9
FRIDAY = 4
Change = Callable[[Policy], Policy]
HAPPENS = tonight.Happens((), moves=True, moves_held=False, depends_on=frozenset())


@pytest.fixture
async def many(world: World) -> World:
    """311 people with access, each of whom holds everything that the policy asks today."""
    today = world.now.date()
    rows: list[object] = []
    for number in range(SCHOOL + CLASSROOM):
        at_school = number < SCHOOL
        account, person = 1 + number // ROOM, FIRST + number
        if number % ROOM == 0:
            rows.append(an_account(account, level=Level.SCHOOL if at_school else Level.CLASSROOM))
        rows += [a_person(person), an_access(account, person), an_acceptance(account, person)]
        rows.append(a_receipt(person))
        if at_school or number < SCHOOL + CLASSROOM - NEVER:
            days = 100 if number < OLD else 1
            rows.append(a_completion(person, today - timedelta(days=days)))
    await world.put(*rows)
    return world


async def night(world: World, lifecycle: Lifecycle = GATES, only: Only | None = None) -> Counter[str]:
    said: Counter[str] = Counter()
    runtime = world.runtime
    for stage in lifecycle.stages:
        for case in await stage.due(runtime, world.now, only):
            said.update(await stage.move(runtime, case, world.now))
    return said


async def letters(world: World) -> Counter[str]:
    async with world.store.read() as session:
        return Counter((await session.exec(select(Notice.kind))).all())


async def brakes(world: World) -> list[Brake]:
    async with world.store.read() as session:
        return list((await session.exec(select(Brake).order_by("id"))).all())


async def states(world: World) -> Counter[AccessState]:
    async with world.store.read() as session:
        rows = (await session.exec(select(Access))).all()
    return Counter(row.state for row in rows)


async def held(world: World, number: int, until: date, by: int = CO) -> Receipt:
    form = HoldBrakeForm(actor=mail(by), brake=number, until=until, reason="A slip of the pen.")
    return await hold(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


async def released(world: World, number: int, by: int = CO) -> None:
    form = ReleaseBrakeForm(actor=mail(by), brake=number, reason="It is right.")
    await release(world.store, world.policy, form, via=Via.COMMAND, now=world.now)


@pytest.mark.parametrize(
    ("change", "of", "found", "letter", "because"),
    [
        (valid_days, BrakeOf.ASK_COURSE, OLD, "access_at_risk", "counts for 36 days"),
        (renamed, BrakeOf.ASK_COURSE, SCHOOL, "access_at_risk", "no completion of theirs counts"),
        (new_version, BrakeOf.SEND_TEXT, SCHOOL + CLASSROOM, "texts_to_read", "the version 2027-1"),
    ],
)
async def test_many_wait_one_question_is_asked_and_what_is_let_happen_is_announced(
    many: World, change: Change, of: BrakeOf, found: int, letter: str, because: str
) -> None:
    assert await night(many) == Counter(), "nothing is to be done before the change"
    many.policy = change(many.policy)
    assert await night(many) == {f"brake: {found} of 311 wait for an answer": 1}
    assert await night(many) == Counter(), "asked once"
    assert await letters(many) == {"brake_asks": 1}, "nobody else is told"
    (brake,) = await brakes(many)
    assert (brake.of, brake.found, brake.out_of, len(brake.examples)) == (of, found, 311, 5)
    (question,) = await questions(many.store, many.policy)
    assert question.what.startswith(f"{found} of 311 people with access would be ")
    assert because in question.because
    assert await many.asked() == [("hold or let happen", None)]

    await released(many, 1)
    assert "training-gate" in await many.woken()
    await night(many)
    told = await letters(many)
    assert told[letter] == found, "everybody is told first, and nobody was lost"
    assert await states(many) == {AccessState.GRANTED: 311}
    many.later(days=1)
    await night(many)
    (brake,) = await brakes(many)
    assert (brake.answer, brake.answered_by_id) == (BrakeAnswer.RELEASE, CO)
    assert brake.ended_at is not None, "the next time, it is asked again"


async def test_a_file_that_is_tried_shows_what_would_wait(many: World) -> None:
    tried = await rehearse(many.store, valid_days(many.policy), Settings(), now=many.now, days=0)
    asked = Counter(one.what for one in tried.happened)
    assert asked["complete the course"] == OLD
    assert asked["hold or let happen"] == 0


async def test_what_is_within_the_brake_is_announced_at_once(many: World) -> None:
    many.policy = for_classrooms(many.policy)
    await night(many)
    assert await letters(many) == {"access_at_risk": NEVER}
    assert await states(many) == {AccessState.GRANTED: 311}
    assert await brakes(many) == []


async def test_a_run_for_one_account_tells_nobody_of_what_is_too_much(many: World) -> None:
    many.policy = valid_days(many.policy)
    await night(many, only=Only(1, "@sample.1"))
    assert await letters(many) == {"brake_asks": 1}


async def test_held_until_a_day_and_asked_anew_on_it(many: World) -> None:
    many.policy = valid_days(many.policy)
    await night(many)
    until = many.now.date() + timedelta(days=2)
    await held(many, 1, until)
    assert await many.asked() == []
    many.later(days=1)
    assert await night(many) == Counter()
    many.later(days=1)
    assert (await night(many))["brake: 219 of 311 wait for an answer"] == 1
    before, after = await brakes(many)
    assert (before.answer, before.held_until) == (BrakeAnswer.HOLD, until)
    assert before.ended_at is not None
    assert after.answer is None
    assert await letters(many) == {"brake_asks": 2}
    assert await many.asked() == [("hold or let happen", None)]


async def test_what_was_let_happen_for_some_is_asked_again_for_others(many: World) -> None:
    """The next night finds as many others for the same cause, and nobody has let that happen."""
    many.policy = valid_days(many.policy)
    await night(many)
    await released(many, 1)
    assert (await night(many))["brake: a question has ended"] == 1, "once it has happened"
    assert (await letters(many))["access_at_risk"] == OLD
    many.later(days=1)
    others = 200
    long_ago = many.now.date() - timedelta(days=100)
    await many.put(*(row for number in range(others) for row in _who_did_the_course(1000 + number, long_ago)))
    assert (await night(many))[f"brake: {others} of {311 + others} wait for an answer"] == 1
    assert (await letters(many))["access_at_risk"] == OLD


def _who_did_the_course(person: int, day: date) -> tuple[object, ...]:
    account = 1 + person % 20
    held = (an_access(account, person), an_acceptance(account, person), a_receipt(person))
    return (a_person(person), *held, a_completion(person, day))


async def test_who_held_it_reads_that_somebody_else_answered(many: World) -> None:
    """Two officers at once: neither answer is lost without a word."""
    await many.put(a_role(DEPUTY, RoleKind.COMMUNICATIONS_OFFICER, school=None))
    many.policy = valid_days(many.policy)
    await night(many)
    until = many.now.date() + timedelta(days=9)
    await held(many, 1, until)
    await held(many, 1, until + timedelta(days=1))
    assert "answered_otherwise" not in await letters(many), "who changes their own answer knows of it"
    said = await held(many, 1, until, by=DEPUTY)
    assert f"Person {CO} had held it until {until + timedelta(days=1)}, and reads of it." in said.says
    many.later(seconds=1)
    await released(many, 1)
    told = [one for one in await many.told() if one[0] == "answered_otherwise"]
    assert told == [("answered_otherwise", CO), ("answered_otherwise", DEPUTY)]
    entries = [row["body"] for row in await many.rows("audit_entry") if row["cause"] == "brake: let happen"]
    assert [(one["held by"], one["held until"]) for one in entries] == [(DEPUTY, until.isoformat())]


async def very_many_would_lose_access(world: World) -> date:
    """On a Friday, 219 were told of a last day that is over: a question waits. The day."""
    world.policy = valid_days(world.policy)
    await night(world)
    await released(world, 1)
    await night(world)
    async with world.store.write() as session:
        left = {"state": NoticeState.SENT, "sent_at": world.now}
        await session.run(update(Notice).where(col(Notice.kind) == "access_at_risk").values(**left))
    async with world.store.read() as session:
        due = max(one.due_on for one in (await session.exec(select(ActionItem))).all())
    while (today := world.policy.calendar.today(world.now)) <= due or today.weekday() != FRIDAY:
        world.later(days=1)
    await night(world)
    return today


async def about_taking(world: World) -> Brake:
    """The only question that was ever asked about taking access."""
    (question,) = [one for one in await brakes(world) if one.of is BrakeOf.TAKE_FOR_COURSE]
    return question


@pytest.mark.parametrize("let", [False, True])
async def test_an_answer_stands_over_days_without_school(many: World, *, let: bool) -> None:
    """Nothing is taken on a Saturday: the question ended then, and the answer with it."""
    friday = await very_many_would_lose_access(many)
    question = await about_taking(many)
    assert question.found == OLD
    if not let:
        await held(many, question.id or 0, friday + timedelta(days=6))
    for _ in range(2):
        many.later(days=1)
        if let and (await about_taking(many)).answer is None:
            await released(many, question.id or 0)
        await night(many)
        assert (await about_taking(many)).ended_at is None
    many.later(days=1)
    await night(many)
    assert (await states(many))[AccessState.SUSPENDED] == (OLD if let else 0)
    assert ((await about_taking(many)).ended_at is not None) is let


async def test_the_question_ends_when_the_slip_is_mended(many: World) -> None:
    right = many.policy
    many.policy = valid_days(right)
    await night(many)
    many.policy = right
    assert await night(many) == {"brake: a question has ended": 1}
    async with many.store.read() as session:
        items = (await session.exec(select(ActionItem))).all()
    assert [(one.kind, one.state) for one in items] == [(ItemKind.ANSWER_BRAKE, ItemState.DROPPED)]
    assert await letters(many) == {"brake_asks": 1}
    with pytest.raises(AlreadyDone, match="has ended"):
        await released(many, 1)


async def test_a_person_who_left_and_a_voided_completion_do_not_wait(many: World) -> None:
    many.policy = valid_days(many.policy)
    await night(many)
    async with many.store.write() as session:
        await session.run(update(Person).where(col(Person.id) == FIRST).values(active=False))
        gone = update(Completion).where(col(Completion.person_id) == FIRST + 1)
        await session.run(gone.values(voided_at=many.now, void_reason="Not theirs."))
    await night(many)
    assert await states(many) == {
        AccessState.GRANTED: 309,
        AccessState.REVOKED: 1,
        AccessState.SUSPENDED: 1,
    }


async def test_findings_of_one_control_at_very_many_accounts_wait_too(many: World) -> None:
    accounts = 1 + (SCHOOL + CLASSROOM - 1) // ROOM
    today = many.now.date()
    await many.put(
        *(
            Finding(control="privacy-settings", account_id=one + 1, due_on=today, opened_at=many.now)
            for one in range(accounts)
        )
    )
    await night(many, SUSPENSION)
    told_so_far = await letters(many)
    assert (told_so_far["brake_asks"], told_so_far["suspension_ahead"]) == (1, 0)
    (brake,) = await brakes(many)
    assert (brake.of, brake.control, brake.found, brake.out_of) == (
        BrakeOf.ANNOUNCE_ACCOUNT,
        "privacy-settings",
        accounts,
        accounts,
    )
    await released(many, 1)
    await night(many, SUSPENSION)
    async with many.store.read() as session:
        told = (await session.exec(select(Notice.subject_id).where(Notice.kind == "suspension_ahead"))).all()
    assert len(set(told)) == 25, "as many a night as the policy says"


async def test_the_letter_names_the_course_or_text_of_each_other_cause(many: World) -> None:
    """One control may have several: with its title alone, two lines would read alike."""
    many.policy = new_version(valid_days(many.policy))
    await night(many)
    async with many.store.read() as session:
        facts = (await session.exec(select(Notice.facts).where(Notice.kind == "brake_asks"))).all()
    (course,) = [one.title for one in many.policy.courses if one.id == "focus-on-privacy"]
    beside = sorted(line for one in facts for line in one["beside"])
    assert len(beside) == 2
    assert beside[0].endswith(f"“{course}”")
    assert beside[1].endswith("“Social Media Guidelines”")


async def test_losses_of_two_lifecycles_are_added_up(many: World) -> None:
    """Twelve asked for a course, and eight accounts: each within the brake of 17, both together are not."""
    many.policy = for_classrooms(many.policy)
    await night(many)
    await many.put(
        *(
            Finding(control="privacy-settings", account_id=one, due_on=many.now.date(), opened_at=many.now)
            for one in range(1, 9)
        )
    )
    await night(many, SUSPENSION)
    told = await letters(many)
    assert (told["access_at_risk"], told["brake_asks"], told["suspension_ahead"]) == (NEVER, 1, 0)
    (brake,) = await brakes(many)
    assert (brake.of, brake.found) == (BrakeOf.ANNOUNCE_ACCOUNT, 8)
    many.later(days=1)
    await night(many, SUSPENSION)
    assert (await letters(many))["suspension_ahead"] == 0, "it waits for an answer, not for a day"
    await released(many, 1)
    await night(many, SUSPENSION)
    assert (await letters(many))["suspension_ahead"] > 0


async def test_only_who_keeps_the_policy_answers_and_only_once(many: World) -> None:
    many.policy = valid_days(many.policy)
    await night(many)
    with pytest.raises(NotAllowed, match="Communications Officer"):
        await released(many, 1, by=PRINCIPAL)
    with pytest.raises(BadInput, match="ahead"):
        await held(many, 1, many.now.date())
    await released(many, 1)
    with pytest.raises(AlreadyDone, match="it happens"):
        await held(many, 1, many.now.date() + timedelta(days=3))


@pytest.mark.parametrize("is_asked", [False, True])
async def test_the_gate_takes_what_the_brake_has_read_and_decides_as_if_it_had_read_again(
    many: World, monkeypatch: pytest.MonkeyPatch, *, is_asked: bool
) -> None:
    read = list[int]()

    async def noted(session: Session, ids: Sequence[int], *given: Any, **how: Any) -> Read:
        read.extend(ids)
        return await read_accesses(session, ids, *given, **how)

    monkeypatch.setattr(tonight, "read_accesses", noted)
    many.policy = for_classrooms(new_version(many.policy))
    runtime, brake, gate = many.runtime, *GATES.stages[3:5]
    for case in await brake.due(runtime, many.now):
        if is_asked:  # from here on, the texts wait, and those who never did the course are asked
            await brake.move(runtime, case, many.now)
    assert read
    read.clear()
    cases = await gate.due(runtime, many.now)
    assert len(read) == (NEVER if is_asked else 0), "only those who lack both, one of which waits"
    assert sum(len(one.ids) for one in cases) == (NEVER if is_asked else SCHOOL + CLASSROOM)
    assert cases == await gate.due(runtime, many.now), "the second time it reads for itself"
    assert len(read) >= SCHOOL + CLASSROOM


async def test_of_one_account_the_same_is_decided_as_of_all(many: World) -> None:
    many.policy = for_classrooms(new_version(many.policy))
    async with many.store.read() as session:
        everything = (await tonight.look(session, many.runtime, many.now, None)).decided
        accounts = {one.account_id for one in everything}
        of_each = [
            one
            for account in sorted(accounts)
            for one in (await tonight.look(session, many.runtime, many.now, Only(account, "one"))).decided
        ]
        nothing = await tonight.look(session, many.runtime, many.now, Only(None, "only a request"))
    assert len(accounts) > 1
    assert of_each == sorted(everything, key=lambda one: (one.account_id, one.id))
    assert nothing.decided == ()


def test_what_depends_on_some_that_wait_is_decided_anew() -> None:
    of = replace(HAPPENS, depends_on=frozenset({"one", "two"}))
    assert [of.now_moves(frozenset(waits)) for waits in ((), ("one",), ("one", "two"))] == [True, None, False]


async def test_a_letter_about_another_answer_names_who_gave_the_one_that_stands(many: World) -> None:
    """A second held it and a third let it happen, before the letter left: the second had not done that."""
    await many.put(
        *(a_role(one, RoleKind.COMMUNICATIONS_OFFICER, school=None) for one in (DEPUTY, PRINCIPAL))
    )
    many.policy = valid_days(many.policy)
    await night(many)
    until = many.now.date() + timedelta(days=9)
    await held(many, 1, until)
    await held(many, 1, until, by=DEPUTY)
    many.later(seconds=1)
    await released(many, 1, by=PRINCIPAL)
    async with many.store.read() as session:
        mine = (Notice.kind == "answered_otherwise", Notice.person_id == CO)
        (notice,) = (await session.exec(select(Notice).where(*mine))).all()
        rows = await load(session, (notice,), many.now.date())
    words = read(notice).view(NoticeContext(notice, rows, many.policy, many.now)).words
    assert (words["released"], words["address"]) == (True, mail(PRINCIPAL))
