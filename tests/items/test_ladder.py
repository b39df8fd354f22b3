"""What happens next with one action item, as a table: each step of the ladder on its day, and total."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.sample.words import RoleKind
from policy.action_items import PERSONAL, decide_item, first_steps_until
from policy.calendar import Calendar
from policy.model import Policy
from policy.notices.items import ItemEscalated, ItemReminder
from schemas.facts import PendingItem
from schemas.outcome import Outcome, Pursue, Settle, Tell
from schemas.words import ItemKind, ItemState

OWES, DEPUTY, PRINCIPAL, CO, SUPER = 1, 2, 3, 4, 5
DUE = date(2026, 10, 19)  # a Monday; the Monday before is Thanksgiving
OPENED = datetime(2026, 9, 15, 16, tzinfo=UTC)


def at(day: date, hour: int = 2) -> datetime:
    """The sweep's hour of a day of the division, which is six hours behind UTC."""
    return datetime.combine(day, time(hour + 6), UTC)


def an_item(kind: ItemKind = ItemKind.MEND_FINDING, **changes: object) -> PendingItem:
    ladders: dict[ItemKind, tuple[tuple[int, ...] | None, ...]] = {
        ItemKind.MEND_REQUEST: (),
        ItemKind.DECIDE_REQUEST: ((CO,), (SUPER,)),
        ItemKind.MEND_FINDING: ((PRINCIPAL,), (CO,), (SUPER,)),
        ItemKind.SETTLE_ROW: ((SUPER,),),
    }
    item = PendingItem(
        id=7,
        key="finding:3/person:1",
        kind=kind,
        state=ItemState.OPEN,
        opened_at=OPENED,
        due_on=DUE,
        reminders=0,
        climbed_to=None,
        next_step_on=None,
        asked=(OWES,),
        ladder=ladders.get(kind, ((PRINCIPAL,), (CO,))),
    )
    return replace(item, **changes)  # type: ignore[arg-type]


def after(item: PendingItem, outcome: Outcome) -> PendingItem:
    """The row as the outcome leaves it."""
    for step in outcome.steps:
        if isinstance(step, Pursue):
            assert step.item_id == item.id
            item = replace(
                item, reminders=step.reminders, climbed_to=step.climbed_to, next_step_on=step.next_step_on
            )
        if isinstance(step, Settle):
            item = replace(item, state=ItemState.DROPPED)
    return item


def tells(outcome: Outcome) -> list[tuple[str, int]]:
    """Who is told what. The facts of each notice fit its kind."""
    told = [step for step in outcome.steps if isinstance(step, Tell)]
    for one in told:
        assert one.subject.kind in one.notice.about
    return [(one.notice.kind, one.to) for one in told if isinstance(one.to, int)]


REMINDER, CLIMB = ItemReminder.kind, ItemEscalated.kind

#: "mend a finding" is due in 10 school days; reminders 5 and 1 before, then every 5; climbs 3, 8, 15 late.
LADDER: dict[date, list[tuple[str, int]]] = {
    date(2026, 10, 9): [(REMINDER, OWES)],  # 5 before: the 12th is Thanksgiving
    date(2026, 10, 16): [(REMINDER, OWES)],  # 1 before
    date(2026, 10, 22): [(CLIMB, PRINCIPAL)],  # 3 late
    date(2026, 10, 26): [(REMINDER, OWES)],  # 5 late
    date(2026, 10, 29): [(CLIMB, CO)],  # 8 late
    date(2026, 11, 2): [(REMINDER, OWES)],  # 10 late
    date(2026, 11, 16): [(REMINDER, OWES), (CLIMB, SUPER)],  # 15 late: the week of the 9th has no school
    date(2026, 11, 23): [(REMINDER, OWES)],
}


def days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def test_each_step_on_its_day_and_on_no_other(policy: Policy) -> None:
    item = an_item()
    for day in days(OPENED.date(), date(2026, 11, 27)):
        outcome = decide_item(item, policy, at(day))
        assert tells(outcome) == LADDER.get(day, []), day
        item = after(item, outcome)
        assert not decide_item(item, policy, at(day, 17)), "the second sweep of a day does nothing"
    assert (item.reminders, item.climbed_to) == (6, RoleKind.SUPERINTENDENT)


def test_who_is_to_hear_before_a_suspension_hears_before_it(policy: Policy) -> None:
    """The school's office and Communications read of it while it can still be mended."""
    calendar, item = Calendar(policy), an_item(has_consequence=True)
    climbs: dict[int, date] = {}
    for day in days(OPENED.date(), DUE):
        outcome = decide_item(item, policy, at(day))
        climbs |= {who: day for kind, who in tells(outcome) if kind == CLIMB}
        item = after(item, outcome)
    assert climbs == {PRINCIPAL: calendar.add_school_days(DUE, -3), CO: calendar.add_school_days(DUE, -2)}


def test_the_due_day_itself_may_have_a_reminder(policy: Policy) -> None:
    """ "decide the request": 2 and 0 before."""
    item = an_item(ItemKind.DECIDE_REQUEST)
    sent = []
    for day in days(date(2026, 10, 12), date(2026, 10, 21)):
        outcome = decide_item(item, policy, at(day))
        sent += [day] * bool(tells(outcome))
        item = after(item, outcome)
    assert sent == [date(2026, 10, 15), DUE]


def test_a_month_missed_is_one_reminder_and_the_highest_climb(policy: Policy) -> None:
    outcome = decide_item(an_item(), policy, at(date(2026, 11, 17)))
    assert tells(outcome) == [(REMINDER, OWES), (CLIMB, SUPER)]
    item = after(an_item(), outcome)
    assert (item.reminders, item.climbed_to) == (1, RoleKind.SUPERINTENDENT)
    assert item.next_step_on == date(2026, 11, 23), "20 school days late"
    assert not decide_item(item, policy, at(date(2026, 11, 20)))


@pytest.mark.parametrize(
    "day",
    [date(2026, 10, 17), date(2026, 10, 12), date(2026, 11, 10), date(2026, 12, 25), date(2026, 12, 4)],
    ids=["Saturday", "Thanksgiving", "fall break", "Christmas", "professional day"],
)
def test_days_without_school_are_quiet(day: date, policy: Policy) -> None:
    item = an_item(due_on=date(2026, 9, 17))
    assert not decide_item(item, policy, at(day, 10))
    assert not decide_item(replace(item, asked=()), policy, at(day, 10))


def test_summer_is_quiet_and_september_catches_up_with_one(policy: Policy) -> None:
    item = an_item(due_on=date(2026, 6, 24), opened_at=at(date(2026, 6, 10)))
    sent = []
    for day in days(date(2026, 6, 11), date(2026, 9, 3)):
        outcome = decide_item(item, policy, at(day))
        sent += [(day, *one) for one in tells(outcome)]
        item = after(item, outcome)
    assert sent == [
        (date(2026, 6, 17), REMINDER, OWES),
        (date(2026, 6, 23), REMINDER, OWES),
        (date(2026, 9, 1), CLIMB, PRINCIPAL),  # the third school day after the 24th of June
        (date(2026, 9, 3), REMINDER, OWES),
    ]


def test_what_has_just_been_asked_is_not_reminded_of_the_same_day(policy: Policy) -> None:
    item = an_item(opened_at=at(date(2026, 10, 16), 1))
    assert not decide_item(item, policy, at(date(2026, 10, 16)))


@pytest.mark.parametrize("state", [ItemState.DONE, ItemState.DROPPED])
@pytest.mark.parametrize("day", LADDER)
def test_nothing_after_the_end(day: date, state: ItemState, policy: Policy) -> None:
    assert not decide_item(an_item(state=state), policy, at(day))


def test_opened_again_it_goes_through_its_steps_again(policy: Policy) -> None:
    day = date(2026, 10, 16)
    first, again = (
        decide_item(an_item(opened_at=when), policy, at(day)) for when in (OPENED, OPENED + timedelta(days=1))
    )
    causes = [{one.cause for one in outcome.steps if isinstance(one, Tell)} for outcome in (first, again)]
    assert causes[0]
    assert causes[0].isdisjoint(causes[1])


class TestAnOfficeThatNobodyHolds:
    """An item of a role, before it is due."""

    day = date(2026, 10, 14)

    def test_it_climbs_at_once_and_says_so(self, policy: Policy) -> None:
        item = an_item(ItemKind.DECIDE_REQUEST, asked=(), ladder=(None, (SUPER,)))
        outcome = decide_item(item, policy, at(self.day))
        assert tells(outcome) == [(CLIMB, SUPER)]
        assert [one.notice.stored()["because"] for one in outcome.steps if isinstance(one, Tell)] == [
            "nobody there"
        ]
        assert "nobody is there" in outcome.says
        item = after(item, outcome)
        assert item.climbed_to == RoleKind.SUPERINTENDENT
        assert not decide_item(item, policy, at(self.day))

    def test_the_office_it_came_to_is_reminded_from_then_on(self, policy: Policy) -> None:
        item = an_item(
            ItemKind.DECIDE_REQUEST,
            asked=(),
            ladder=(None, (SUPER,)),
            climbed_to=RoleKind.SUPERINTENDENT,
            next_step_on=date(2026, 10, 15),
        )
        outcome = decide_item(item, policy, at(date(2026, 10, 15)))
        assert tells(outcome) == [(REMINDER, SUPER)]

    def test_the_next_office_is_empty_too(self, policy: Policy) -> None:
        item = an_item(asked=(), ladder=((), (), (SUPER,)))
        outcome = decide_item(item, policy, at(self.day))
        assert tells(outcome) == [(CLIMB, SUPER)]

    def test_nobody_anywhere_waits_for_somebody_to_be_appointed(self, policy: Policy) -> None:
        item = an_item(asked=(), ladder=((), (), ()))
        for day in days(self.day, date(2026, 11, 20)):
            assert not decide_item(item, policy, at(day))
        outcome = decide_item(replace(item, ladder=((), (CO,), ())), policy, at(date(2026, 11, 20)))
        assert tells(outcome) == [(CLIMB, CO)]

    def test_a_climb_that_meets_an_empty_office_goes_on(self, policy: Policy) -> None:
        """Or it is the one who owes it that holds the office: a principal late with something."""
        for first in ((), (OWES,)):
            item = an_item(ladder=(first, (CO,), (SUPER,)), next_step_on=date(2026, 10, 22))
            outcome = decide_item(item, policy, at(date(2026, 10, 22)))
            assert tells(outcome) == [(CLIMB, CO)]

    def test_a_late_item_whose_highest_offices_are_empty_goes_to_the_one_below(self, policy: Policy) -> None:
        item = an_item(ladder=((PRINCIPAL,), (), ()), next_step_on=date(2026, 11, 16))
        outcome = decide_item(item, policy, at(date(2026, 11, 17)))
        assert tells(outcome) == [(REMINDER, OWES), (CLIMB, PRINCIPAL)]
        item = after(item, outcome)
        assert not decide_item(item, policy, at(date(2026, 11, 18)))
        later = replace(item, ladder=((PRINCIPAL,), (), (SUPER,)))
        outcome = decide_item(later, policy, at(date(2026, 11, 19)))
        assert tells(outcome) == [(CLIMB, SUPER)]

    def test_the_office_that_is_asked_already_is_no_climb(self, policy: Policy) -> None:
        item = an_item(ItemKind.DECIDE_REQUEST, asked=(CO,), ladder=(None, (SUPER,)))
        told = []
        for day in days(date(2026, 10, 20), date(2026, 10, 30)):
            outcome = decide_item(item, policy, at(day))
            told += [(day, who) for kind, who in tells(outcome) if kind is CLIMB]
            item = after(item, outcome)
        assert told == [(date(2026, 10, 29), SUPER)]


class TestAPersonWhoIsNotThere:
    day = date(2026, 10, 16)

    def test_a_deputy_is_reminded_in_their_stead(self, policy: Policy) -> None:
        item = an_item(asked=(DEPUTY,), person_away=True)
        assert tells(decide_item(item, policy, at(self.day))) == [(REMINDER, DEPUTY)]

    @pytest.mark.parametrize("kind", sorted(PERSONAL))
    def test_what_only_they_can_do_waits_for_their_return(self, kind: ItemKind, policy: Policy) -> None:
        item = an_item(kind, asked=(DEPUTY,), person_away=True)
        for day in days(self.day, date(2026, 11, 20)):
            assert not decide_item(item, policy, at(day))
        back = replace(item, asked=(OWES,), person_away=False)
        outcome = decide_item(back, policy, at(date(2026, 11, 23)))
        highest = (PRINCIPAL, CO)[min(len(policy.terms(kind).climbs), 2) - 1]
        assert tells(outcome) == [(REMINDER, OWES), (CLIMB, highest)]

    @pytest.mark.parametrize("kind", sorted(PERSONAL))
    def test_what_only_they_could_do_goes_with_them(self, kind: ItemKind, policy: Policy) -> None:
        item = an_item(kind, asked=(), person_left=True)
        outcome = decide_item(item, policy, at(self.day))
        assert outcome.steps == (Settle((item.key,), done=False),)

    def test_what_others_can_do_climbs_when_they_have_left(self, policy: Policy) -> None:
        item = an_item(ItemKind.MEND_NOTICE, asked=(), person_left=True)
        assert tells(decide_item(item, policy, at(self.day))) == [(CLIMB, PRINCIPAL)]

    def test_what_others_were_asked_for_too_goes_with_them(self, policy: Policy) -> None:
        item = an_item(ItemKind.MEND_NOTICE, asked=(), person_left=True, asked_of_others=True)
        outcome = decide_item(item, policy, at(self.day))
        assert outcome.steps == (Settle((item.key,), done=False),)

    def test_a_request_that_nobody_else_can_mend_goes_with_its_requester(self, policy: Policy) -> None:
        item = an_item(ItemKind.MEND_REQUEST, asked=(), person_left=True)
        outcome = decide_item(item, policy, at(self.day))
        assert outcome.says == "dropped: the person has left"


people = st.lists(st.integers(1, 6), max_size=3, unique=True).map(tuple)


@st.composite
def lives(draw: st.DrawFn) -> list[PendingItem]:
    """One item as it is found on each day of a year, swept on some of them; people come and go."""
    kind = draw(st.sampled_from(ItemKind))
    opened = date(2026, 9, 1) + timedelta(days=draw(st.integers(0, 270)))
    item = an_item(kind, opened_at=at(opened), due_on=opened + timedelta(days=draw(st.integers(0, 40))))
    # the office that the item was asked of is no climb (None), and stays so: the asking names it once
    same = [draw(st.booleans()) for _ in item.ladder]
    found = []
    for _ in range(draw(st.integers(1, 12))):
        asked = draw(st.one_of(st.just((OWES,)), people))
        ladder = tuple(None if asked_of else draw(people) for asked_of in same)
        found.append(replace(item, asked=asked, ladder=ladder, person_away=draw(st.booleans())))
    return found


@settings(max_examples=150)
@given(life=lives(), gaps=st.lists(st.integers(0, 25), min_size=12, max_size=12))
def test_never_the_same_twice_never_without_school_and_always_found(
    life: list[PendingItem], gaps: list[int], policy: Policy
) -> None:
    """Total; each step once; what is to move is what the sweep's select would find."""
    calendar = Calendar(policy)
    row, day = life[0], calendar.today(life[0].opened_at)
    keys: list[tuple[str, int]] = []
    for facts, gap in zip(life, gaps, strict=False):
        day += timedelta(days=gap)
        item = replace(
            facts, reminders=row.reminders, climbed_to=row.climbed_to, next_step_on=row.next_step_on
        )
        outcome = decide_item(item, policy, at(day))
        told = [one for one in outcome.steps if isinstance(one, Tell)]
        keys += [(one.cause, one.to) for one in told if isinstance(one.to, int)]
        assert len({one.cause for one in told}) <= 2, "one reminder and one climb at most"
        if outcome:
            assert calendar.is_school_day(day)
            assert not calendar.is_summer(day)
            come = (
                item.due_on <= first_steps_until(item.kind, policy, day)
                if item.next_step_on is None
                else item.next_step_on <= day
            )
            # whoever came into an office after the day's first sweep is told by the next
            assert come or not item.asked or not gap, "the sweep would not have looked at it"
        row = after(item, outcome)
        assert row.next_step_on is None or row.next_step_on > day or row == item
        again = decide_item(row, policy, at(day))
        assert not again
    assert len(keys) == len(set(keys))
