"""Who may decide a leave, and what happens to one by itself, as tables. No database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from policy.leave import barred, decide_leave, decider, may_decide_leave, reminded_on, whom_to_ask
from policy.model import Policy
from policy.notices.leaves import LeaveEnded, LeaveEndsSoon, LeaveWanted
from schemas.errors import NotAllowed
from schemas.leave_facts import LeaveDecider, LeaveDeciders, LeaveFacts
from schemas.outcome import Ask, Move, RoleAt, Settle, Tell
from schemas.states import LeaveState

CO, SUPER, PRINCIPAL, TEACHER, HEAD, DEPUTY, VICE = range(1, 8)
SCHOOL, TOP = RoleAt("school administrator", 1), RoleAt("superintendent")
FIRST, LAST = date(2026, 10, 20), date(2026, 11, 6)


def at(asked: int | RoleAt, *people: int, deputies: tuple[tuple[int, int], ...] = ()) -> LeaveDecider:
    return LeaveDecider(asked, (*((one, None) for one in people), *deputies))


def deciders(*nearest: LeaveDecider, **more: Any) -> LeaveDeciders:
    return LeaveDeciders(TEACHER, nearest, **more)


USUAL = (at(SCHOOL, PRINCIPAL), at(TOP, SUPER))


@pytest.mark.parametrize(
    ("facts", "asked", "may"),
    [
        (deciders(at(HEAD, HEAD), *USUAL), HEAD, {HEAD: None}),
        (deciders(at(HEAD, HEAD, deputies=((DEPUTY, HEAD),)), *USUAL), HEAD, {HEAD: None, DEPUTY: HEAD}),
        (deciders(at(HEAD), *USUAL), SCHOOL, {PRINCIPAL: None}),  # the supervisor has left
        (deciders(*USUAL), SCHOOL, {PRINCIPAL: None}),
        (deciders(at(SCHOOL, PRINCIPAL, TEACHER), at(TOP, SUPER)), TOP, {SUPER: None}),  # no colleague
        (deciders(at(HEAD, HEAD), at(SCHOOL, TEACHER), at(TOP, SUPER)), HEAD, {HEAD: None}),
        (deciders(at(SCHOOL, PRINCIPAL), at(TOP, TEACHER)), None, {}),  # no office below theirs
        (deciders(at(SCHOOL, PRINCIPAL), at(TOP, TEACHER, VICE)), TOP, {VICE: None}),
        (deciders(at(SCHOOL, TEACHER), at(TOP, SUPER)), TOP, {SUPER: None}),  # a principal's own
        (deciders(at(SCHOOL, TEACHER, deputies=((VICE, TEACHER),)), at(TOP, SUPER)), TOP, {SUPER: None}),
        (deciders(at(SCHOOL, PRINCIPAL), at(TOP, SUPER), under=frozenset({PRINCIPAL})), TOP, {SUPER: None}),
        (  # nor a deputy of somebody who stands under the person
            deciders(
                at(SCHOOL, PRINCIPAL, deputies=((VICE, PRINCIPAL),)),
                at(TOP, SUPER),
                under=frozenset({PRINCIPAL}),
            ),
            TOP,
            {SUPER: None},
        ),
        (deciders(at(TOP, TEACHER)), None, {}),  # the Superintendent's own: nobody
        (deciders(*USUAL, climbed=((SUPER, None), (TEACHER, None))), SCHOOL, {PRINCIPAL: None, SUPER: None}),
    ],
)
def test_who_may_decide(
    facts: LeaveDeciders, asked: int | RoleAt | None, may: dict[int, int | None], policy: Policy
) -> None:
    nearest = decider(facts)
    assert (nearest.asked if nearest else None) == asked
    found = {}
    for person in range(1, 8):
        try:
            found[person] = may_decide_leave(facts, person, policy, "texting")
        except NotAllowed as refused:
            assert str(refused).endswith("decides on this leave (3.1).")  # noqa: PT017 - each says it
    assert found == may
    assert not set(barred(facts)) & set(may)


@pytest.mark.parametrize(
    ("control", "supervisor", "school", "asked"),
    [
        ("texting", HEAD, 1, (HEAD, SCHOOL, TOP)),
        ("texting", None, 1, (SCHOOL, TOP)),
        ("direct-messages", None, None, (TOP,)),
        ("logos-and-addresses", HEAD, 1, (RoleAt("communications officer"), TOP)),
        ("of before", HEAD, 1, (RoleAt("communications officer"),)),
    ],
)
def test_whom_it_is_asked_of(
    control: str, supervisor: int | None, school: int | None, asked: tuple[Any, ...], policy: Policy
) -> None:
    assert whom_to_ask(policy, control, supervisor, school) == asked


LEAVE = LeaveFacts(
    id=1,
    state=LeaveState.GRANTED,
    version=2,
    control="texting",
    person_id=TEACHER,
    person_active=True,
    starts_on=FIRST,
    ends_on=LAST,
    deciders=deciders(*USUAL),
    decided_by_id=PRINCIPAL,
)
ASKED = replace(LEAVE, state=LeaveState.ASKED, decided_by_id=None)
KEY = "leave:1/decide/school administrator/1"


@pytest.mark.parametrize(
    ("facts", "day", "to", "told"),
    [
        (LEAVE, date(2026, 10, 29), None, None),
        (LEAVE, date(2026, 10, 30), None, LeaveEndsSoon(ends_on=LAST)),  # seven days before
        (LEAVE, LAST, None, LeaveEndsSoon(ends_on=LAST)),
        (replace(LEAVE, told_of_end=True), LAST, None, None),
        (replace(LEAVE, renewal=LeaveState.ASKED), LAST, None, None),
        (LEAVE, date(2026, 11, 7), LeaveState.ENDED, LeaveEnded(decided=True)),
        (
            replace(LEAVE, renewal=LeaveState.ASKED),
            date(2026, 11, 7),
            LeaveState.ENDED,
            LeaveEnded(decided=True),
        ),
        (replace(LEAVE, renewal=LeaveState.GRANTED), date(2026, 11, 7), LeaveState.ENDED, None),
        (replace(LEAVE, person_active=False), FIRST, LeaveState.ENDED, None),
        (replace(ASKED, person_active=False), FIRST, LeaveState.ENDED, None),
        (ASKED, date(2026, 11, 7), LeaveState.ENDED, LeaveEnded(decided=False)),
        (ASKED, FIRST, None, LeaveWanted(due_on=date(2026, 10, 23))),
        (replace(ASKED, asked=frozenset({KEY})), FIRST, None, None),
        (  # it was asked of somebody who does not decide any more
            replace(ASKED, asked=frozenset({"leave:1/decide/person:5"})),
            FIRST,
            None,
            LeaveWanted(due_on=date(2026, 10, 23)),
        ),
        (ASKED, date(2026, 11, 5), None, LeaveWanted(due_on=LAST)),  # due on its last day at the latest
        (replace(LEAVE, state=LeaveState.REVOKED), date(2026, 11, 7), None, None),
        (replace(LEAVE, state=LeaveState.WITHDRAWN), date(2026, 11, 7), None, None),
        (replace(LEAVE, state=LeaveState.REFUSED), date(2026, 11, 7), None, None),
        (replace(LEAVE, state=LeaveState.ENDED), date(2026, 11, 7), None, None),
    ],
)
def test_what_happens_by_itself(
    facts: LeaveFacts, day: date, to: LeaveState | None, told: Any, policy: Policy
) -> None:
    now = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
    steps = decide_leave(facts, policy, now).steps
    assert [one.to for one in steps if isinstance(one, Move)] == ([] if to is None else [to])
    assert [one.notice for one in steps if isinstance(one, Tell)] == ([] if told is None else [told])
    asks = [one for one in steps if isinstance(one, Ask)]
    assert [one.key for one in asks] == ([KEY] if isinstance(told, LeaveWanted) else [])
    settled = {key for one in steps if isinstance(one, Settle) for key in one.keys}
    assert settled == (set(facts.asked) if asks else set())


@pytest.mark.parametrize(
    ("last", "on"),
    [
        (date(2026, 10, 20), date(2026, 10, 20)),  # one day
        (date(2026, 10, 24), date(2026, 10, 22)),  # at half of it
        (date(2026, 11, 18), date(2026, 11, 11)),
    ],
)
def test_a_short_leave_is_reminded_of_at_half_of_it(last: date, on: date, policy: Policy) -> None:
    control: Any = policy.control("texting")
    assert reminded_on(control, FIRST, last) == on
