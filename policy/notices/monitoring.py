"""Notices about the daily look at accounts."""

from datetime import date

from policy.controls.look import Look
from policy.notices.accounts import OfAccount, action
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import cadence, channel, day, place, who
from schemas.language import t
from schemas.notices import Urgency
from schemas.people import Absence
from schemas.states import AccountState
from schemas.words import ItemKind, SubjectKind


class LookToday(NoticeKind):
    """To whoever is to look at these accounts: look on this day, `on`, and say that you did.

    `through`: on each day from `on` through this one, where the word comes once a week.
    """

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.PERSON, SubjectKind.ACCOUNT})

    on: date
    through: date | None = None
    account_ids: tuple[int, ...] = ()

    def stale(self, context: NoticeContext) -> str | None:
        """The day is over."""
        return None if context.today() <= (self.through or self.on) else "the day is over"

    def page(self, context: NoticeContext) -> str:  # noqa: ARG002 - the same for everybody
        """One's own page, where one press says it of all."""
        return "/"

    def view(self, context: NoticeContext) -> View:
        """Which day, the accounts with their pages, and one answer for all of them."""
        action = Action(
            t("I looked at all of mine"),
            t("Checked in: all of mine"),
            t("I looked on {day}.", day=day(self.on)),
        )
        policy, rows = context.policy, context.rows
        accounts = [rows.accounts[one] for one in self.account_ids]
        entries = [
            {
                "channel": channel(one, policy),
                "place": place(one.school_id, rows, policy),
                "address": one.address,
            }
            for one in accounts
        ]
        words = {"on": self.on, "through": self.through, "entries": entries}
        why = context.why_of(Look, accounts[0].level) if accounts else policy.why(policy.name_of(Look))
        return View(why=why, actions=(action,), words=words)


class LookMissed(OfAccount):
    """To whoever is to look at an account today: nobody has said since a day that they looked.

    It names nobody: the days count against the account.
    """

    about = frozenset({SubjectKind.ACCOUNT})
    asks = ItemKind.LOOK_AGAIN

    since: date
    due_on: date

    def view(self, context: NoticeContext) -> View:
        """Which account, since when, and what follows if nobody looks."""
        account, policy = context.account, context.policy
        look = policy.first(Look, level=account.level)
        title = t("Look at {channel}", channel=channel(account, policy))
        said = t("I looked at it on {day}.", day=day(self.due_on))
        return View(
            why=context.why_of(Look, account.level),
            due=due(ItemKind.LOOK_AGAIN, SubjectKind.ACCOUNT, context.subject_id, title, self.due_on),
            actions=(action(t("I looked"), account, t("looked at"), said, policy),),
            words={
                **self.named(context),
                "since": self.since,
                "suspended": look is not None and look.then is not None,
            },
        )


class LookInstead(OfAccount):
    """To whoever looks at an account meanwhile: who else administers it and is away, and how long.

    `absence_ids`, `person_ids`: each absence, and whose it is; `through`: the last day of the first to end.
    The letter has both as they are when it leaves.
    """

    urgency = Urgency.LOW
    about = frozenset({SubjectKind.ACCOUNT})

    absence_ids: tuple[int, ...]
    person_ids: tuple[int, ...]
    through: date

    def stale(self, context: NoticeContext) -> str | None:
        """The absence is over, or the account is not in use any more."""
        if context.account.state is not AccountState.LIVE:
            return "account moved on"
        return None if self._lasting(context) else "the absence is over"

    def page(self, context: NoticeContext) -> str:
        """The account's, where it is said."""
        return f"/accounts/{context.subject_id}"

    def _lasting(self, context: NoticeContext) -> list[Absence]:
        """Those of the absences that still last: who came back early is here again."""
        today, named = context.today(), set(self.absence_ids)
        return [one for one in context.rows.absences if one.id in named and one.ends_on >= today]

    def view(self, context: NoticeContext) -> View:
        """Which account, who is away, and until when."""
        account, policy, rows = context.account, context.policy, context.rows
        said, lasting = t("I looked at it."), self._lasting(context)
        away = [one.person_id for one in lasting] or self.person_ids  # an old letter, read again
        return View(
            why=context.why_of(Look, account.level),
            actions=(action(t("I looked"), account, t("looked at"), said, policy),),
            words={
                **self.named(context),
                "away": [who(rows.people[one], rows, policy) for one in away],
                "through": min((one.ends_on for one in lasting), default=self.through),
                "cadence": cadence(policy, account.level),
                "address": account.address,
            },
        )
