"""Notices about what a person changes at an account: who administers it, what it is called, whose it is."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from policy.controls.administrators import Administrators
from policy.controls.approval import Approval
from policy.notices.access import OfAccess
from policy.notices.accounts import OfAccount, action
from policy.notices.base import Due, NoticeContext, View, due
from policy.notices.words import channel, decided_by, place, short, who
from schemas.language import t
from schemas.notices import Urgency
from schemas.states import AccountState
from schemas.words import AccessEnd, Changed, ItemKind, SubjectKind


class AccessEnds(OfAccess):
    """To the person, and the others who run the account: an access ends, by a decision or a designation.

    `ends_on`: its last day. `change_id`: the decision of `by_id`, with its reason.
    """

    ends_on: date
    because: AccessEnd
    by_id: int | None = None
    change_id: int | None = None

    def stale(self, context: NoticeContext) -> str | None:
        """It was taken back, or another day was set; or it was decided anew, and another letter says so."""
        if self.change_id in context.rows.changed_since:
            return "decided anew"
        return None if context.access.ends_on == self.ends_on else "access moved on"

    def view(self, context: NoticeContext) -> View:
        """Who decided it, why, and how to object."""
        account, rows = context.account, context.rows
        objection = action(
            t("Please keep the access"), account, t("keep an access"), t("Why: "), context.policy
        )
        return View(
            why=context.why_of(Approval, account.level),
            actions=(objection,),
            words={
                **self.named(context),
                "ends_on": self.ends_on,
                "because": t(self.because.value),
                **decided_by(self.by_id, self.change_id, rows, context.policy),
            },
        )


class AccountCloses(OfAccount):
    """To everybody concerned: somebody decided that the account is closed after its last day."""

    closes_on: date
    by_id: int
    change_id: int

    def stale(self, context: NoticeContext) -> str | None:
        """It was taken back, or another day was set; or it was decided anew, and another letter says so."""
        if self.change_id in context.rows.changed_since:
            return "decided anew"
        return None if context.account.closes_on == self.closes_on else "not to be closed"

    def view(self, context: NoticeContext) -> View:
        """Who decided it, why, and how to object."""
        account, rows = context.account, context.rows
        objection = action(t("Please keep the account"), account, t("keep it"), t("Why: "), context.policy)
        return View(
            why=context.why_of(Approval, account.level),
            actions=(objection,),
            words={
                **self.named(context),
                "closes_on": self.closes_on,
                "by": who(rows.people.get(self.by_id), rows, context.policy),
                "reason": rows.changes[self.change_id].reason,
            },
        )


class AccountChanged(OfAccount):
    """To everybody concerned: what somebody changed at the account, and why. There is nothing to do.

    `administrator_ids`: whom it is about, where it is about people. `until`: the last day of an exemption.
    """

    what: Literal[
        "renamed",
        "moved",
        "named",
        "proposed",
        "declined",
        "stays",
        "not closed",
        "opened again",
        "exempt",
        "exempt no more",
    ]
    by_id: int
    change_id: int
    administrator_ids: tuple[int, ...] = ()
    until: date | None = None

    def stale(self, context: NoticeContext) -> str | None:
        """It is to be closed again, or another day was set for its exemption, or none."""
        account = context.account
        overtaken = {
            "not closed": account.closes_on is not None or account.state is AccountState.CLOSED,
            "opened again": account.state is AccountState.CLOSED,
            "exempt": account.never_suspended_until != self.until,
            "exempt no more": account.never_suspended_until is not None,
        }
        return "overtaken" if overtaken.get(self.what) else None

    def _after(self, context: NoticeContext) -> str:
        """What this change made of it: what it was until the next one, or what it is now."""
        change, account = context.rows.changes[self.change_id], context.account
        now: Mapping[Changed, object] = {
            Changed.HANDLE: account.handle,
            Changed.ADDRESS: account.address,
            Changed.PLATFORM_ID: account.platform_id,
            Changed.SCHOOL: account.school_id,
        }
        return str(context.rows.changed_to.get(self.change_id, now.get(change.what)) or "")

    def _said(self, value: str, context: NoticeContext) -> str:
        """A value of a change as people read it."""
        rows, policy = context.rows, context.policy
        if context.rows.changes[self.change_id].what is Changed.SCHOOL:
            return place(int(value) if value else None, rows, policy)
        return value

    def view(self, context: NoticeContext) -> View:
        """What it was before, and what this change made of it."""
        account, rows, policy = context.account, context.rows, context.policy
        change = rows.changes[self.change_id]
        before, after = self._said(change.before, context), self._said(self._after(context), context)
        return View(
            why=context.why_of(Approval, account.level),
            words={
                **self.named(context),
                "what": self.what,
                "changed": t(change.what.value),
                "before": short(before),
                "after": short(after),
                "again": self.change_id in rows.changed_since,
                "until": self.until,
                "by": who(rows.people.get(self.by_id), rows, policy),
                "people": [who(rows.people.get(one), rows, policy) for one in self.administrator_ids],
                "reason": change.reason,
            },
        )


class SchoolGone(OfAccount):
    """To who keeps the policy: the school of an account is gone. It moves, is handed over, or closes."""

    urgency = Urgency.LOW
    asks = ItemKind.SETTLE_MOVE

    due_on: date

    def view(self, context: NoticeContext) -> View:
        """The account, and the three ways on."""
        account = context.account
        answer = t("It goes to (a school, or nowhere: then it is closed): ")
        return View(
            why=context.why_of(Approval, account.level),
            due=_due(self.asks, context, self.due_on),
            actions=(action(t("Say where it goes"), account, t("where it goes"), answer, context.policy),),
            words=self.named(context),
        )


class AdministratorMoved(OfAccount):
    """To both schools, who keeps the policy, and the person: an administrator works at another school now.

    The former school says whether they keep the account.
    """

    asks = ItemKind.SETTLE_MOVE

    due_on: date
    administrator_ids: tuple[int, ...]
    to_school_id: int | None = None

    def view(self, context: NoticeContext) -> View:
        """Who moved, where to, and the account that they still administer."""
        account, rows, policy = context.account, context.rows, context.policy
        person = rows.people[self.administrator_ids[0]]
        own = person.id == context.notice.person_id
        return View(
            why=context.why_of(Approval, account.level),
            due=None if own else _due(self.asks, context, self.due_on),
            actions=()
            if own
            else (
                action(
                    t("They stay"),
                    account,
                    t("stays"),
                    t("{person} keeps access. Why: ", person=person.name),
                    policy,
                ),
                action(
                    t("Somebody else"), account, t("another administrator"), t("Instead of them: "), policy
                ),
            ),
            words={
                **self.named(context),
                "own": own,
                "holder": person.name,
                "new_place": place(self.to_school_id, rows, policy) if self.to_school_id else "",
                "due_on": self.due_on,
            },
        )


class _OfSuccessor(OfAccount, root=True):
    """To who can name one: nobody of its administrators is left, or will be.

    `administrator_ids`: who leaves; `leaves_on`: the last day of the last of them, where it is to come.
    """

    asks = ItemKind.NAME_SUCCESSOR

    due_on: date
    administrator_ids: tuple[int, ...] = ()
    leaves_on: date | None = None

    def view(self, context: NoticeContext) -> View:
        """Who leaves when, and how somebody else is named."""
        account, rows, policy = context.account, context.rows, context.policy
        title = t("Name a successor for {channel}", channel=channel(account, policy))
        answer = t("Somebody of the staff who is to administer it (name, e-mail address): ")
        return View(
            why=context.why_of(Administrators, account.level) or context.why_of(Approval, account.level),
            due=due(self.asks, SubjectKind.ACCOUNT, context.subject_id, title, self.due_on),
            actions=(action(t("Name somebody"), account, t("a successor"), answer, policy),),
            words={
                **self.named(context),
                "leavers": [who(rows.people.get(one), rows, policy) for one in self.administrator_ids],
                "leaves_on": self.leaves_on,
                "over": self.leaves_on is not None and self.leaves_on < context.today(),
                "others_stay": bool(getattr(self, "others_stay", False)),
            },
        )


class SuccessorWanted(_OfSuccessor):
    """To who can name one: the last administrators will leave, when, and how a successor is named.

    `others_stay`: somebody stays, but not those whom its level needs; `leaves_on` is then the first such day.
    """

    others_stay: bool = False


class SuccessorWantedNow(_OfSuccessor):
    """To who can name one: the last administrator has left, and nobody administers it."""

    urgency = Urgency.URGENT


def _due(ask: ItemKind, context: NoticeContext, on: date) -> Due:
    title = t("Say what becomes of {channel}", channel=channel(context.account, context.policy))
    return due(ask, SubjectKind.ACCOUNT, context.subject_id, title, on)
