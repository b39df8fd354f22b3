"""What happens next with one open action item: a reminder, a climb to the next office, or nothing yet.

Every wait for a person is an action item, and this is the one ladder for all of them. Days are days of the
division's zone; steps are counted in school days from the due day, those before it negative. Pure.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from policy.calendar import ONE_DAY, Calendar
from policy.model import Policy
from policy.model.process import Climb, ItemTerms
from policy.notices.items import ItemEscalated, ItemReminder
from schemas.facts import PendingItem
from schemas.outcome import NOTHING, Outcome, Pursue, Settle, Step, Subject, Tell
from schemas.words import ItemKind, ItemState, SubjectKind

#: What nobody can do in another's stead: a deputy is not asked, and it goes when the person goes.
PERSONAL = frozenset(
    {
        ItemKind.COMPLETE_COURSE,
        ItemKind.ACKNOWLEDGE_GUIDELINES,
        ItemKind.ACCEPT_RESPONSIBILITY,
        ItemKind.CONFIRM_ROTATION,
        ItemKind.READ_ADVICE,
        ItemKind.ANSWER_REPORT,
    }
)

#: What only somebody with access can do: whoever deputizes for them in an office has none, and is not asked.
WITH_ACCESS = frozenset({ItemKind.REVIEW_ADMINISTRATORS, ItemKind.ANSWER_PUBLIC, ItemKind.SEE_CONTACT})


def decide_item(item: PendingItem, policy: Policy, now: datetime) -> Outcome:
    """What happens next with one action item at `now`.

    On days without school, nothing. Of all the reminders that are due, only the newest goes out, and only
    the highest climb: a server that was down for a month writes once. An office that nobody holds is
    passed over at once, and so is one where there is nobody but those who owe the item.

    What only the person can do waits while that person is absent, and is dropped once they have left.
    What somebody else can do goes to the next office then, unless others were asked for the same.
    """
    today = policy.calendar.today(now)
    if item.state is not ItemState.OPEN or not policy.calendar.is_school_day(today):
        return NOTHING
    terms = policy.terms(item.kind)
    if item.person_left and (item.kind in PERSONAL or item.asked_of_others or not terms.climbs):
        return Outcome((Settle((item.key,), done=False),), "dropped: the person has left")
    if item.person_away and item.kind in PERSONAL:
        return NOTHING
    ladder = _Ladder(item, terms, policy.calendar, today)
    climb = ladder.climb()
    reminder = ladder.reminder()
    # After a climb for want of anybody, the office it came to has just been told.
    reminded = ladder.standing if reminder is not None else ()
    if climb is None and not reminded:
        return NOTHING
    climbed_to = item.climbed_to if climb is None else terms.climbs[climb].to
    steps: list[Step] = [Pursue(item.id, item.reminders + bool(reminded), climbed_to, ladder.next_day(climb))]
    if reminded and reminder is not None:
        steps += _remind(item, reminder, reminded)
    if climb is not None:
        steps += _escalate(item, terms.climbs[climb].to, ladder.people(climb))
    said = ("reminded",) * bool(reminded)
    if climb is not None:
        said += ("climbed",) if item.asked else ("climbed, since nobody is there",)
    return Outcome(tuple(steps), " and ".join(said))


@dataclass(frozen=True)
class _Ladder:
    """The steps of one item's terms, seen from `today`, a school day."""

    item: PendingItem
    terms: ItemTerms
    calendar: Calendar
    today: date

    @cached_property
    def late(self) -> int:
        """How many school days it is late; 0 on the due day and before."""
        return self.calendar.school_days_after(self.item.due_on, self.today)

    def day(self, offset: int) -> date:
        """The day of a step that many school days after the due day."""
        return self.calendar.add_school_days(self.item.due_on, offset)

    @cached_property
    def before(self) -> dict[int, date]:
        """The day of each reminder before the due day, by its offset, which is negative; 0 is the day itself.

        Of those that are counted in days, one without school goes out on the school day before it.
        """
        school = {-days: self.day(-days) for days in self.terms.reminders_school_days_before}
        return school | {
            -days: self.calendar.school_day_by(self.item.due_on - timedelta(days))
            if days
            else self.item.due_on
            for days in self.terms.reminders_days_before
        }

    def climb_day(self, climb: Climb) -> date:
        """The day of a climb. Before a suspension, those who are to hear of it in time hear before it."""
        early = climb.before_consequence_school_days
        if self.item.has_consequence and early is not None:
            return self.day(-early)
        return self.day(climb.overdue_school_days)

    @cached_property
    def done(self) -> int:
        """The number of the climb that was made last; -1 where there was none."""
        roles = [climb.to for climb in self.terms.climbs]
        return roles.index(self.item.climbed_to) if self.item.climbed_to in roles else -1

    def people(self, climb: int) -> tuple[int, ...]:
        """Whom a climb brings in who was not asked before."""
        office = self.item.ladder[climb] or ()
        return tuple(person for person in office if person not in self.item.asked)

    @property
    def standing(self) -> tuple[int, ...]:
        """Those whose turn it is: whoever was asked; where nobody is left, the office it climbed to."""
        if self.item.asked:
            return self.item.asked
        return self.people(self.done) if self.done >= 0 else ()

    def reminder(self) -> int | None:
        """The newest reminder that is due and was not given yet, as its offset; None where there is none.

        What lay on or before the day of asking is no reminder: the first notice has just said it.
        """
        again = self.terms.remind_again_school_days
        before = [offset for offset, day in self.before.items() if day <= self.today]
        late = self.late // again * again
        offset = late or max(before, default=None)
        if offset is None:
            return None
        day, since = self.day(late) if late else self.before[offset], self.item.next_step_on
        fresh = day > self.calendar.today(self.item.opened_at) and (since is None or day >= since)
        return offset if fresh else None

    @cached_property
    def wanted(self) -> int:
        """The number of the highest climb whose day has come; -1 where none has."""
        return max(
            (
                number
                for number, climb in enumerate(self.terms.climbs)
                if self.today >= self.climb_day(climb) and self.item.ladder[number] is not None
            ),
            default=-1,
        )

    def climb(self) -> int | None:
        """The climb to make today; None where none is due, or nobody is there to climb to."""
        done, start = self.done, self.wanted
        if not self.standing:
            start = max(start, done + 1)
        if start <= done:
            return None
        higher = range(start, len(self.terms.climbs))
        lower = range(start - 1, done, -1)
        return next((number for number in (*higher, *lower) if self.people(number)), None)

    def next_day(self, climb: int | None) -> date:
        """The next school day on which there may be something to do, after what is done today."""
        done = self.done if climb is None else climb
        if self.wanted > done:  # nobody to climb to today: looked at again at once
            return self.calendar.due_after(self.today + ONE_DAY, school_days=0)
        again = self.terms.remind_again_school_days
        climbs = [
            self.climb_day(one)
            for number, one in enumerate(self.terms.climbs)
            if number > done and self.item.ladder[number] is not None
        ]
        days = (*self.before.values(), self.day((self.late // again + 1) * again), *climbs)
        return min(day for day in days if day > self.today)


def _cause(item: PendingItem, step: str) -> str:
    """One for each step of one asking: an item that is opened again goes through its steps again."""
    return f"item:{item.id}/{item.opened_at:%Y%m%dT%H%M%S}/{step}"


def _remind(item: PendingItem, offset: int, people: tuple[int, ...]) -> list[Tell]:
    subject = Subject(SubjectKind.ITEM, item.id)
    notice = ItemReminder(item_id=item.id, number=item.reminders + 1)
    cause = _cause(item, f"reminder {offset:+d}")
    return [Tell(notice, person, cause, subject) for person in people]


def _escalate(item: PendingItem, role: str, people: tuple[int, ...]) -> list[Tell]:
    subject, cause = Subject(SubjectKind.ITEM, item.id), _cause(item, f"climbed to {role}")
    absent = "mail refused" if item.mail_refused else "nobody there"
    because = {"because": ("soon" if item.has_consequence else "late") if item.asked else absent}
    notice = ItemEscalated.model_validate({"item_id": item.id, **because})
    return [Tell(notice, person, cause, subject) for person in people]


def first_steps_until(kind: ItemKind, policy: Policy, today: date) -> date:
    """The last due day of items of this kind whose first step has come by `today`, a school day.

    What falls due later has no reminder or climb yet: a sweep need not look at it.
    """
    terms = policy.terms(kind)
    early = (one.before_consequence_school_days for one in terms.climbs)
    before = max((*terms.reminders_school_days_before, *(one for one in early if one is not None)), default=0)
    if before or terms.reminders_school_days_before:
        return policy.calendar.add_school_days(today, before)
    if terms.reminders_days_before:
        first = terms.reminders_days_before[0]
        through = policy.calendar.due_after(today + ONE_DAY, school_days=0) - ONE_DAY if first else today
        return through + timedelta(days=first)
    first = min((terms.remind_again_school_days, *(climb.overdue_school_days for climb in terms.climbs)))
    return policy.calendar.add_school_days(today, 1 - first) - ONE_DAY
