"""Notices about leave: asked for, decided, near its end, ended, revoked, withdrawn."""

from datetime import date
from typing import Any

from policy.controls.leave import OnLeave
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import who
from schemas.language import t
from schemas.states import LeaveState
from schemas.words import ItemKind, LeaveVerdict, SubjectKind


class _OfLeave(NoticeKind, root=True):
    """About a leave: what it is for, for how long, and whose it is."""

    about = frozenset({SubjectKind.LEAVE})

    def named(self, context: NoticeContext) -> dict[str, Any]:
        """What every letter about a leave names."""
        leave, rows, policy = context.leave, context.rows, context.policy
        control = next((one for one in policy.of(OnLeave) if one.name == leave.under), None)
        return {
            "number": leave.id,
            "person": who(rows.people.get(leave.person_id), rows, policy),
            "allows": control.allows if control else t("what {under} was about", under=leave.under),
            "purpose": leave.purpose,
            "circumstances": leave.circumstances,
            "first": leave.starts_on,
            "last": leave.ends_on,
        }

    def view(self, context: NoticeContext) -> View:
        """What it names, and nothing to do."""
        return View(why=context.why(context.leave.under), words=self.named(context))


class LeaveWanted(_OfLeave):
    """To whoever decides: everything that they need, and an answer for each decision."""

    tells_of = (LeaveState.ASKED,)
    asks = ItemKind.DECIDE_LEAVE

    due_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It was decided, withdrawn or ended; or somebody else is asked since."""
        return super().stale(context) if context.leave.state is LeaveState.ASKED else "leave moved on"

    def view(self, context: NoticeContext) -> View:
        """The whole wish, and a click for each decision."""
        leave, named = context.leave, self.named(context)
        asked = t(
            "Leave {leave}: {person}, to {allows}",
            leave=leave.id,
            person=named["person"],
            allows=named["allows"],
        )
        actions = tuple(
            Action(
                label,
                t("Leave {leave}: {what}", leave=leave.id, what=label.lower()),
                f"{asked}\n\n{answer}\n" + t("Reason: "),
            )
            for label, answer in ((t("Grant"), t("I grant it.")), (t("Refuse"), t("I refuse it.")))
        )
        title = t("Decide on leave {leave}", leave=leave.id)
        return View(
            why=context.why(leave.under),
            due=due(self.asks, SubjectKind.LEAVE, context.subject_id, title, self.due_on),
            actions=actions,
            words=named | {"again": leave.renews_id},
        )


class LeaveDecided(_OfLeave):
    """To the person: granted or refused, by whom, and the reason in their own words."""

    tells_of = (LeaveState.GRANTED, LeaveState.REFUSED)

    verdict: LeaveVerdict

    def view(self, context: NoticeContext) -> View:
        """The decision is the leave's own."""
        leave, rows, policy = context.leave, context.rows, context.policy
        absent = rows.people.get(leave.deputy_for_id) if leave.deputy_for_id else None
        return View(
            why=context.why(leave.under),
            words=self.named(context)
            | {
                "granted": self.verdict is LeaveVerdict.GRANT,
                "decider": who(rows.people.get(leave.decided_by_id or 0), rows, policy),
                "deputy_for": absent.name if absent else None,
                "reason": leave.decided_because,
            },
        )


class LeaveEndsSoon(_OfLeave):
    """To the person: its last day, and how to ask for more."""

    ends_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It has ended meanwhile."""
        return None if context.leave.state is LeaveState.GRANTED else "leave moved on"

    def page(self, context: NoticeContext) -> str:
        """Where a renewal is asked for."""
        return f"/acts/renew-a-leave?leave={context.subject_id}"

    def view(self, context: NoticeContext) -> View:
        """The last day, and a click to ask for a renewal."""
        leave, named = context.leave, self.named(context)
        words = t(
            "Leave {leave}, to {allows}\n\nI ask for it to be renewed.\nUntil: \nWhy: ",
            leave=leave.id,
            allows=named["allows"],
        )
        return View(
            why=context.why(leave.under),
            actions=(Action(t("Ask for a renewal"), t("Leave {leave}: renewal", leave=leave.id), words),),
            words=named,
        )


class LeaveEnded(_OfLeave):
    """To the person: it is over. `decided` False: nobody decided before its last day."""

    tells_of = (LeaveState.ENDED,)

    decided: bool

    def view(self, context: NoticeContext) -> View:
        """Whether it was a leave that ended, or a wish for one."""
        leave = context.leave
        return View(why=context.why(leave.under), words=self.named(context) | {"decided": self.decided})


class LeaveRevoked(_OfLeave):
    """To the person: it ends at once, by whom, and why."""

    tells_of = (LeaveState.REVOKED,)

    by_id: int

    def view(self, context: NoticeContext) -> View:
        """Who revoked it."""
        leave, rows = context.leave, context.rows
        by = who(rows.people.get(self.by_id), rows, context.policy)
        return View(
            why=context.why(leave.under),
            words=self.named(context) | {"by": by, "reason": leave.ended_because},
        )


class LeaveWithdrawn(_OfLeave):
    """To whoever was asked, or had granted it: the person needs it no more."""

    tells_of = (LeaveState.WITHDRAWN,)
