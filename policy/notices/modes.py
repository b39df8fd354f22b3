"""Notices about controls that begin to act, or only observe from now on."""

from datetime import date

from policy.modes import only_observes
from policy.notices.base import NoticeContext, NoticeKind, View
from policy.notices.findings import OfFindings
from policy.notices.mending import how_to_mend
from policy.notices.words import channel, who
from schemas.language import with_days
from schemas.words import Mode, SubjectKind


class ControlSet(NoticeKind):
    """To who adopts policies, keeps them or runs Steward: somebody set the mode of a control.

    `found` accounts did not hold to it at that moment.
    """

    about = frozenset({SubjectKind.RULE})

    by_id: int
    control: str
    mode: Mode
    from_on: date
    found: int
    reason: str

    def stale(self, context: NoticeContext) -> str | None:
        """Somebody set it anew since."""
        stands = {one.number for one in context.policy.set_modes if one.control == self.control}
        return "set anew" if stands and context.subject_id not in stands else None

    def view(self, context: NoticeContext) -> View:
        """Who set it, to what, from when, and why."""
        by = context.rows.people.get(self.by_id)
        return View(
            why=context.why(self.control),
            words={
                "by": who(by, context.rows, context.policy),
                "title": context.policy.title_of(self.control),
                "acts": self.mode is Mode.ENFORCE,
                "on": self.from_on,
                "found": self.found,
                "reason": self.reason,
            },
        )


class ControlAhead(OfFindings):
    """To who administers accounts that do not hold to a control: from a day on it acts, and not before."""

    about = frozenset({SubjectKind.RULE})

    control: str
    from_on: date

    def stale(self, context: NoticeContext) -> str | None:
        """It was called off, or all of it is mended."""
        planned = {one.control for one in context.policy.set_modes if one.mode is Mode.ENFORCE}
        if only_observes(context.policy, self.control) and self.control not in planned:
            return "called off"
        return super().stale(context)

    def view(self, context: NoticeContext) -> View:
        """From when, what is asked, and each account with what was found and how it is mended."""
        rows, policy, still_open = context.rows, context.policy, self.still_open(context)
        entries = [
            {
                "channel": channel(rows.accounts[finding.account_id], policy),
                "address": rows.accounts[finding.account_id].address,
                "detail": with_days(finding.detail),
                "how": how_to_mend(self.control, rows.accounts[finding.account_id], policy, rows),
            }
            for finding in still_open
        ]
        return View(
            why=context.why(still_open[0].control),
            words={
                "title": policy.title_of(self.control),
                "asks": policy.asks_of(self.control),
                "on": self.from_on,
                "entries": entries,
            },
        )


class ControlCalledOff(NoticeKind):
    """To who was told that a control acts from a day on: it does not, until they are told again."""

    about = frozenset({SubjectKind.RULE})

    control: str
    from_on: date

    def view(self, context: NoticeContext) -> View:
        """From when it would have acted."""
        return View(
            why=context.why(self.control),
            words={"title": context.policy.title_of(self.control), "on": self.from_on},
        )
