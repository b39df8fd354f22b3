"""Notices of who holds an office: it is given or ends, a roster changed it, somebody stands in for it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from policy.controls.administrators import Administrators
from policy.controls.approval import Approval
from policy.notices.base import Action, NoticeContext, NoticeKind, View
from policy.notices.words import of_whom, office_there, who
from schemas.language import t
from schemas.notices import Urgency
from schemas.people import Designation, Role
from schemas.words import SubjectKind

OfficeByRoster = Literal["given", "ends", "changed", "address", "left"]

#: Offices that one letter names; the rest is counted.
NAMED = 10


class OfficesByRoster(NoticeKind):
    """To who gives offices and who keeps the policy: a roster changed who holds offices, or how they sign in.

    The tuples are of the offices that are named, side by side; `more` counts the others. `school_ids`: at
    which each is held; a letter that was written before that was noted has none.
    """

    urgency = Urgency.URGENT
    about = frozenset({SubjectKind.IMPORT})

    by_id: int
    person_ids: tuple[int, ...]
    offices: tuple[str, ...]
    changes: tuple[OfficeByRoster, ...]
    school_ids: tuple[int | None, ...] = ()
    more: int = 0

    def view(self, context: NoticeContext) -> View:
        """Who took the roster in, and whose office is new or ends."""
        policy, rows = context.policy, context.rows
        at = self.school_ids or (None,) * len(self.offices)
        named = [
            {
                "holder": who(rows.people[person], rows, policy),
                "office": office_there(office, school, rows, policy),
                "change": change,
            }
            for person, office, school, change in zip(
                self.person_ids, self.offices, at, self.changes, strict=True
            )
        ]
        return View(
            why=context.why_first(Administrators),
            words={
                "by": who(rows.people[self.by_id], rows, policy),
                "named": named,
                "more": self.more,
                "count": len(named) + self.more,
            },
        )


class DeputyNamed(NoticeKind):
    """To whoever else holds an absent person's office, or is over it: who stands in from when, or no longer.

    `person_ids` is the deputy alone.
    """

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.PERSON})

    by_id: int
    person_ids: tuple[int]
    offices: tuple[str, ...]
    change: Literal["named", "ended"]
    first: date
    last: date

    hangs_on_terms = True

    def stale(self, context: NoticeContext) -> str | None:
        """They stand in no longer, or somebody else does; of an end, that its beginning was not read."""
        if self.change == "ended":
            return "never read that it began" if context.notice.id in context.rows.unheard else None
        (deputy,) = self.person_ids
        stands = any(
            (one.person_id, one.deputy_id, one.ends_on) == (context.subject_id, deputy, self.last)
            for one in context.rows.absences
        )
        return None if stands else "nobody stands in so"

    def view(self, context: NoticeContext) -> View:
        """Who is away, and who stands in."""
        policy, rows = context.policy, context.rows
        return View(
            why=context.why_first(Approval),
            words={
                "by": who(rows.people[self.by_id], rows, policy),
                **of_whom(context),
                "deputy": who(rows.people[self.person_ids[0]], rows, policy),
                "offices": t(" and ").join(policy.label(one) for one in self.offices),
                "change": self.change,
                "first": self.first,
                "last": self.last,
            },
        )


OfficeChange = Literal["given", "ends", "designated", "designation ends", "bound", "no longer bound"]


#: What undoes each: the act by its name.
_UNDOES: Mapping[OfficeChange, str] = {
    "given": "end-an-office",
    "ends": "give-an-office",
    "designated": "end-a-designation",
    "designation ends": "designate-an-administrator",
    "bound": "unbind-a-user",
    "no longer bound": "bind-a-user",
}


class OfficeChanged(NoticeKind):
    """To who gives offices and who keeps the policy: who may act has changed, by whom, and from when.

    `office` is empty for what is no office, `school_id` the school's at which it is held. The last day is
    included.
    """

    urgency = Urgency.URGENT
    about = frozenset({SubjectKind.PERSON})

    by_id: int
    change: OfficeChange
    office: str = ""
    school_id: int | None = None
    first: date | None = None
    last: date | None = None

    def page(self, context: NoticeContext) -> str:
        """The form that undoes it, as far as it can be filled in without a name."""
        school = context.rows.schools.get(self.school_id or 0)
        of_office = {"office": self.office, "school": school.name if school else ""} if self.office else {}
        whose = {} if self.change == "bound" else {"person": context.subject_id}  # that one asks for the user
        filled = {one: value for one, value in {**whose, **of_office}.items() if value}
        return f"/acts/{_UNDOES[self.change]}" + (f"?{urlencode(filled)}" if filled else "")

    def view(self, context: NoticeContext) -> View:
        """Who changed what, of whom."""
        policy, rows = context.policy, context.rows
        return View(
            why=context.why_first(Administrators),
            words={
                "by": who(rows.people[self.by_id], rows, policy),
                **of_whom(context),
                "change": self.change,
                "office": office_there(self.office, self.school_id, rows, policy),
                "first": self.first,
                "last": self.last,
            },
        )


class _OfOffice(NoticeKind, root=True):
    """An office, or a designation where `office` is empty, that `by_id` ended, and why.

    `school_id`: the school at which it was held; a letter that was written before it was noted has none.
    """

    about = frozenset({SubjectKind.PERSON})

    by_id: int
    office: str = ""
    school_id: int | None = None
    reason: str

    def view(self, context: NoticeContext) -> View:
        """Who ended it, whose it was, and why."""
        policy, rows = context.policy, context.rows
        return View(
            why=context.why_first(Administrators),
            actions=self._actions(context),
            words={
                "by": who(rows.people[self.by_id], rows, policy),
                "address": rows.people[self.by_id].email,
                "office": policy.label(self.office) if self.office else "",
                "held": office_there(self.office, self.school_id, rows, policy),
                "own": context.subject_id == context.notice.person_id,
                **of_whom(context),
                "reason": self.reason,
                **self._more(),
            },
        )

    def _actions(self, context: NoticeContext) -> tuple[Action, ...]:
        what = context.policy.label(self.office) if self.office else t("designation")
        return (
            Action(
                t("This is wrong"),
                t("Person {number}, {what}: its end", number=context.subject_id, what=what),
                t("Because: "),
            ),
        )

    def _more(self) -> Mapping[str, Any]:
        return {}


class OfficeEnded(_OfOffice):
    """To the person, who runs accounts with them, and the offices near: it ended from this moment."""

    urgency = Urgency.URGENT
    hangs_on_terms = True

    def stale(self, context: NoticeContext) -> str | None:
        """It was given again since."""
        ended_on, today = context.day_of(context.notice.created_at), context.today()
        again = any(
            ended_on <= one.starts_on <= today and (one.ends_on is None or one.ends_on >= today)
            for one in context.rows.offices
            if one.person_id == context.subject_id and self._is_of(one)
        )
        return "given again" if again else None

    def _is_of(self, held: Role | Designation) -> bool:
        """Whether it is the office that ended; a designation for one account is less than one for all."""
        if isinstance(held, Role):
            return held.kind == self.office and self.school_id in {None, held.school_id}
        return not self.office and held.account_id is None


class OfficeEnds(_OfOffice):
    """To the person: the last day, why, what they lose, and whom to speak to."""

    hangs_on_terms = True

    ends_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It ends on another day now, or not at all."""
        held = (Role, self.office) if self.office else (Designation, "")
        days = {
            one.ends_on
            for one in context.rows.offices
            if one.person_id == context.subject_id
            and (type(one), getattr(one, "kind", "")) == held
            and self.school_id in {None, getattr(one, "school_id", None)}
        }
        return None if self.ends_on in days else "it ends on another day"

    def _more(self) -> Mapping[str, Any]:
        return {"ends_on": self.ends_on}
