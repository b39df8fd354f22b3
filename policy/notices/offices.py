"""Notices to the offices that an authority concerns: what a roster changed, who stands in for whom."""

from datetime import date
from typing import Literal

from policy.controls.administrators import Administrators
from policy.controls.approval import Approval
from policy.notices.base import NoticeContext, NoticeKind, View
from policy.notices.words import who
from schemas.language import t
from schemas.notices import Urgency
from schemas.words import SubjectKind

OfficeByRoster = Literal["given", "ends", "changed", "address", "left"]

#: Offices that one letter names; the rest is counted.
NAMED = 10


class OfficesByRoster(NoticeKind):
    """To who gives offices and who keeps the policy: a roster changed who holds offices, or how they sign in.

    The three tuples are of the offices that are named, side by side; `more` counts the others.
    """

    urgency = Urgency.URGENT
    about = frozenset({SubjectKind.IMPORT})

    by_id: int
    person_ids: tuple[int, ...]
    offices: tuple[str, ...]
    changes: tuple[OfficeByRoster, ...]
    more: int = 0

    def view(self, context: NoticeContext) -> View:
        """Who took the roster in, and whose office is new or ends."""
        policy, rows = context.policy, context.rows
        held = policy.first(Administrators)
        named = [
            {
                "holder": who(rows.people[person], rows, policy),
                "office": policy.label(office),
                "change": change,
            }
            for person, office, change in zip(self.person_ids, self.offices, self.changes, strict=True)
        ]
        return View(
            why=policy.why(held.name) if held else "",
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
        """Of one who was named: they stand in no longer, or somebody else does."""
        if self.change == "ended":
            return None
        (deputy,) = self.person_ids
        stands = any(
            (one.person_id, one.deputy_id, one.ends_on) == (context.subject_id, deputy, self.last)
            for one in context.rows.absences
        )
        return None if stands else "nobody stands in so"

    def view(self, context: NoticeContext) -> View:
        """Who is away, and who stands in."""
        policy, rows = context.policy, context.rows
        approval = policy.first(Approval)
        return View(
            why=policy.why(approval.name) if approval else "",
            words={
                "by": who(rows.people[self.by_id], rows, policy),
                "holder": who(rows.people[context.subject_id], rows, policy),
                "name": rows.people[context.subject_id].name,
                "deputy": who(rows.people[self.person_ids[0]], rows, policy),
                "offices": t(" and ").join(policy.label(one) for one in self.offices),
                "change": self.change,
                "first": self.first,
                "last": self.last,
            },
        )
