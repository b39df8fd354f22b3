"""Notices about what is recorded of people: by somebody else, in their name."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from policy.controls.administrators import Administrators
from policy.controls.approval import Approval
from policy.controls.quiet_hours import QuietHours
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import day, of_whom, who
from schemas.language import t
from schemas.notices import Urgency
from schemas.people import Absence, Designation, Person, Role
from schemas.words import ItemKind, SubjectKind

Recorded = Literal[
    "completion",
    "completion voided",
    "absence",
    "absence's deputy",
    "office",
    "designation",
    "absence's end",
    "another deputy",
    "deputy no longer",
    "return",
]


_NAMED = 10  # people in one letter


class RecordedForYou(NoticeKind):
    """To the person: what somebody else recorded of them, who did, and the days that it is about.

    `control`: the name of the control that it serves. `office`: the office that was given or ended.
    `reason`: why, where who recorded it gave one. `person_ids`: who is away, to a deputy.
    """

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.PERSON})
    hangs_on_terms = True

    what: Recorded
    control: str
    by_id: int
    recorded_on: date
    first: date
    last: date | None = None
    office: str = ""
    reason: str = ""
    person_ids: tuple[int, ...] = ()

    def stale(self, context: NoticeContext) -> str | None:
        """An office, a designation or deputizing is over since; or a deputy never read that it began."""
        if context.notice.id in context.rows.unheard:
            return "never read that it began"
        today, reader = context.today(), context.subject_id
        terms: Sequence[Role | Designation | Absence]
        match self.what:
            case "office":
                held = [one for one in context.rows.offices if isinstance(one, Role)]
                terms = [one for one in held if one.person_id == reader and one.kind == self.office]
            case "designation":
                named = [one for one in context.rows.offices if isinstance(one, Designation)]
                terms = [one for one in named if one.person_id == reader]
            case "absence's deputy":
                away = context.rows.absences
                terms = [one for one in away if one.deputy_id == reader and one.person_id in self.person_ids]
            case _:
                return None
        stands = any(
            one.starts_on == self.first and (one.ends_on is None or one.ends_on >= today) for one in terms
        )
        return None if stands else "over since"

    def view(self, context: NoticeContext) -> View:
        """Who recorded what."""
        policy, rows = context.policy, context.rows
        known = any(one.name == self.control for one in policy.controls)
        return View(
            why=policy.why(self.control) if known else "",
            words={
                "by": who(rows.people[self.by_id], rows, policy),
                "what": self.what,
                "recorded_on": self.recorded_on,
                "first": self.first,
                "last": self.last,
                "office": policy.label(self.office),
                "reason": self.reason,
                "away": ", ".join(rows.people[one].name for one in self.person_ids),
            },
        )


class RecordedInYourName(NoticeKind):
    """To the person: what was recorded as theirs, by somebody at another user's terminal or in Prefect.

    `does`: what they did, by that. `by_id` None is somebody with Prefect's login.
    """

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.PERSON})

    does: str
    by_id: int | None = None
    recorded_on: date

    def view(self, context: NoticeContext) -> View:
        """Who recorded it, and what."""
        by = context.rows.people[self.by_id] if self.by_id is not None else None
        return View(
            why="",
            words={
                "by": who(by, context.rows, context.policy) if by else t("somebody with Prefect's login"),
                "does": self.does,
                "recorded_on": self.recorded_on,
                "holder": context.rows.people[context.subject_id].name,
            },
        )


class RecordsMerged(NoticeKind):
    """To both addresses, who gives offices, and who else holds what ended: two records are one from now on.

    `person_ids` is the record that went; `offices` are those that ended with it. `requests`, `leaves` and
    `reports` are what the one asked for, or is in, and the other decided.
    """

    urgency = Urgency.URGENT
    about = frozenset({SubjectKind.PERSON})
    reaches_merged = True

    by_id: int
    person_ids: tuple[int]
    offices: tuple[str, ...] = ()
    designated: bool = False
    requests: tuple[int, ...] = ()
    leaves: tuple[int, ...] = ()
    reports: tuple[int, ...] = ()
    reason: str

    def view(self, context: NoticeContext) -> View:
        """Who merged whose record into whose, why, and what ended."""
        policy, rows = context.policy, context.rows
        (other,) = self.person_ids
        return View(
            why=context.why_first(Administrators),
            words={
                "by": who(rows.people[self.by_id], rows, policy),
                **of_whom(context),
                "address": rows.people[context.subject_id].email,
                "other": who(rows.people[other], rows, policy),
                "other_name": rows.people[other].name,
                "own": context.notice.person_id in {context.subject_id, other},
                "offices": [policy.label(one) for one in self.offices],
                "designated": self.designated,
                "requests": self.requests,
                "leaves": self.leaves,
                "reports": self.reports,
                "reason": self.reason,
            },
        )


class MissingFromRoster(NoticeKind):
    """To the person and who runs their school: a roster does not have them; when they count as left.

    It goes only where something would be lost: an access or an office.
    """

    about = frozenset({SubjectKind.PERSON})

    ends_on: date

    listed = True

    def line(self, context: NoticeContext) -> str:
        """Who it is; one's own letter is one of its own."""
        return "" if context.subject_id == context.notice.person_id else of_whom(context)["holder"]

    def stale(self, context: NoticeContext) -> str | None:
        """A roster has them again, somebody said that they are here, or they have left."""
        person = context.rows.people[context.subject_id]
        return None if person.leaves_on == self.ends_on else "not missing"

    def view(self, context: NoticeContext) -> View:
        """Who is missing, and how to keep them."""
        person = context.rows.people[context.subject_id]
        return View(
            why=context.why_first(Administrators),
            actions=(
                Action(
                    t("They work here"),
                    t("{person} still works here", person=person.name),
                    t(
                        "Person {person}, {email}, works here: please correct the staff list.",
                        person=person.id,
                        email=person.email,
                    ),
                ),
            ),
            words={
                "holder": person.name,
                "own": person.id == context.notice.person_id,
                "number": person.id,
                "ends_on": self.ends_on,
            },
        )


class StaysAfterAll(NoticeKind):
    """To whoever read that somebody would count as having left, or lose an `office`: that is called off."""

    about = frozenset({SubjectKind.PERSON})

    ended_on: date
    office: str = ""

    listed = True

    def line(self, context: NoticeContext) -> str:
        """Who it is; one's own letter is one of its own."""
        return "" if context.subject_id == context.notice.person_id else of_whom(context)["holder"]

    def stale(self, context: NoticeContext) -> str | None:
        """They are missing again, or have left."""
        person = context.rows.people[context.subject_id]
        return None if person.active and person.leaves_on is None else "missing again"

    def view(self, context: NoticeContext) -> View:
        """Who stays."""
        person = context.rows.people[context.subject_id]
        return View(
            why=context.why_first(Administrators),
            words={
                "holder": person.name,
                "own": person.id == context.notice.person_id,
                "ended_on": self.ended_on,
                "office": context.policy.label(self.office) if self.office else "",
            },
        )


class DeputyLeft(NoticeKind):
    """To the person who is away, their school and who keeps the policy: whoever deputized has left.

    Or lost an office at once (`dismissed`). Until somebody else is named, nobody stands in for the person.
    """

    about = frozenset({SubjectKind.PERSON})

    hangs_on_terms = True

    until: date
    dismissed: bool = False

    def stale(self, context: NoticeContext) -> str | None:
        """They are back, or somebody who is here deputizes."""
        rows = context.rows
        alone = any(
            one.person_id == context.subject_id
            and one.ends_on == self.until
            and (one.deputy_id is None or not rows.people[one.deputy_id].active)
            for one in rows.absences
        )
        return None if alone else "there is a deputy"

    def page(self, context: NoticeContext) -> str:
        """Where somebody else is named."""
        return f"/acts/change-a-deputy?person={context.subject_id}"

    def view(self, context: NoticeContext) -> View:
        """Who is away, and until when."""
        person = context.rows.people[context.subject_id]
        return View(
            why=context.why_first(Approval),
            actions=(
                Action(
                    t("Name another deputy"),
                    t("Another deputy for {person}", person=person.name),
                    t(
                        "Until {day}, {person} has this deputy (name and school): ",
                        day=day(self.until),
                        person=person.name,
                    ),
                ),
            ),
            words={
                "holder": person.name,
                "own": person.id == context.notice.person_id,
                "until": self.until,
                "dismissed": self.dismissed,
            },
        )


class PeopleToForget(NoticeKind):
    """To who keeps the policy: these people left long ago, and their names and addresses go on a day."""

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.RULE})

    person_ids: tuple[int, ...]
    on: date

    def _still(self, context: NoticeContext) -> list[Person]:
        """Those of them who are still to be forgotten on that day."""
        people = (context.rows.people[one] for one in self.person_ids)
        return [one for one in people if one.forget_on == self.on and one.forgotten_at is None]

    def stale(self, context: NoticeContext) -> str | None:
        """All of them are back, or are forgotten already."""
        return None if self._still(context) else "nobody is to be forgotten"

    def view(self, context: NoticeContext) -> View:
        """The first of them, and how many more."""
        people = self._still(context)
        names = [t("{name} (person {number})", name=one.name, number=one.id) for one in people]
        return View(
            why=context.why_first(Administrators),
            words={
                "names": names[:_NAMED],
                "more": max(len(names) - _NAMED, 0),
                "count": len(names),
                "on": self.on,
            },
        )


class MailRefusedFor(NoticeKind):
    """To who runs a person's school, and who keeps the policy: mail to this person is refused for good.

    Who keeps the policy has it as an item, until mail reaches the person again.
    """

    about = frozenset({SubjectKind.PERSON})
    asks = ItemKind.MEND_MAILBOX

    due_on: date

    def view(self, context: NoticeContext) -> View:
        """Whose mailbox, and at which address."""
        person = context.rows.people[context.subject_id]
        title = t("See that mail reaches {person}", person=person.name)
        return View(
            why=context.why(context.policy.name_of(QuietHours)),
            actions=(
                Action(
                    t("It is put right"),
                    t("Mail to {person}: it is put right", person=person.name),
                    t("What was wrong: "),
                ),
            ),
            due=due(self.asks, SubjectKind.PERSON, context.subject_id, title, self.due_on),
            words={"person": who(person, context.rows, context.policy), "address": person.email},
        )
