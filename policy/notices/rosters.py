"""Notices about what a roster says against a person's word, of who left, or of how somebody signs in."""

from datetime import date

from policy.controls.administrators import Administrators
from policy.notices.base import NoticeContext, NoticeKind, View
from policy.notices.words import of_whom, office_there, who
from schemas.notices import Urgency
from schemas.people import Role
from schemas.words import SubjectKind


class EndedOfficeInRoster(NoticeKind):
    """To who gives offices and who keeps the policy: a roster still has an office that a person ended.

    It goes once for each office that was ended.
    """

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.PERSON})
    hangs_on_terms = True

    office: str
    school_id: int | None = None
    ended_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """They hold it again."""
        today = context.today()
        again = any(
            isinstance(one, Role)
            and one.kind == self.office
            and self.school_id in {None, one.school_id}
            and (one.ends_on is None or one.ends_on >= today)
            for one in context.rows.offices
            if one.person_id == context.subject_id
        )
        return "given again" if again else None

    def view(self, context: NoticeContext) -> View:
        """Whose office, and when it ended."""
        return View(
            why=context.why_first(Administrators),
            words={
                **of_whom(context),
                "office": context.policy.label(self.office),
                "held": office_there(self.office, self.school_id, context.rows, context.policy),
                "ended_on": self.ended_on,
            },
        )


class AddressChanged(NoticeKind):
    """To the person, at the new address and at the former one: a roster changed where they sign in.

    `goes_to`: the former address, in the letter that goes there.
    """

    urgency = Urgency.URGENT
    about = frozenset({SubjectKind.PERSON})
    leaves_alone = True

    by_id: int
    former: str
    goes_to: str = ""

    def stale(self, context: NoticeContext) -> str | None:
        """They have the former address again."""
        same = context.rows.people[context.subject_id].email == self.former
        return "the former address again" if same else None

    def view(self, context: NoticeContext) -> View:
        """Who took the roster in, and both addresses."""
        rows = context.rows
        return View(
            why=context.why_first(Administrators),
            words={
                "by": who(rows.people[self.by_id], rows, context.policy),
                "name": rows.people[context.subject_id].name,
                "address": rows.people[context.subject_id].email,
                "former": self.former,
            },
        )


class LeftByRoster(NoticeKind):
    """To somebody who held an office: a roster says that they have left, and they count so from now on.

    `goes_to`: their address. Who has left reads nothing else.
    """

    urgency = Urgency.URGENT
    about = frozenset({SubjectKind.PERSON})
    leaves_alone = True

    by_id: int
    offices: tuple[str, ...]
    goes_to: str

    def stale(self, context: NoticeContext) -> str | None:
        """They are here again."""
        return "here again" if context.rows.people[context.subject_id].active else None

    def view(self, context: NoticeContext) -> View:
        """Who took the roster in, and what they held."""
        rows, policy = context.rows, context.policy
        held = policy.first(Administrators)
        return View(
            why=policy.why(held.name) if held else "",
            words={
                "by": who(rows.people[self.by_id], rows, policy),
                "name": rows.people[context.subject_id].name,
                "offices": [policy.label(one) for one in self.offices],
            },
        )
