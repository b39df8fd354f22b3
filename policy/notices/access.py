"""Notices about one person's access: its gates, granted, suspended, revoked."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import Field

from policy.controls import Control
from policy.controls.look import Look
from policy.controls.text_acknowledged import TextAcknowledged
from policy.controls.training_before_access import TrainingBeforeAccess
from policy.gates import texts
from policy.model import Policy
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.words import (
    cadence,
    channel,
    decided_by,
    for_administrators,
    place,
    required_courses,
    short,
    titles,
)
from schemas.accounts import Account
from schemas.language import t
from schemas.notices import Urgency
from schemas.states import AccessState, AccountState
from schemas.words import ItemKind, SubjectKind

_STEPS = (ItemKind.COMPLETE_COURSE, ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY)


_HELD_BY: Mapping[ItemKind, type[Control]] = {
    ItemKind.COMPLETE_COURSE: TrainingBeforeAccess,
    ItemKind.ACKNOWLEDGE_GUIDELINES: TextAcknowledged,
    ItemKind.ACCEPT_RESPONSIBILITY: TextAcknowledged,
}


def one_answer(gates: tuple[ItemKind, ...], account: Account, policy: Policy) -> tuple[Action, ...]:
    """One click for everything that an answer can settle; the course reports itself."""
    lines, labels, done = [], [], []
    if ItemKind.ACKNOWLEDGE_GUIDELINES in gates:
        labels.append(t("I have read the guidelines"))
        done.append(t("guidelines read"))
        lines += [
            t("I have read the {text}, version {version}.", text=text.id, version=text.version)
            for text in texts(policy, account, "person")
        ]
    if ItemKind.ACCEPT_RESPONSIBILITY in gates:
        labels.append(t("I accept responsibility"))
        done.append(t("responsibility accepted"))
        lines += [text.text or text.id for text in texts(policy, account, "account")]
    if not lines:
        return ()
    subject = t(
        "Account {account}, {channel}: {done}",
        account=account.id,
        channel=short(channel(account, policy)),
        done=", ".join(done),
    )
    both = t("I have read the guidelines and accept responsibility")
    return (Action(both if len(labels) > 1 else labels[0], subject, "\n\n".join(lines)),)


def _subject(ask: ItemKind, context: NoticeContext) -> tuple[SubjectKind, int]:
    """What the item is about that asks for a step: the access, or the person for all of theirs.

    With it, a reminder moves the calendar's entry, and no second one is made.
    """
    if ask is ItemKind.ACCEPT_RESPONSIBILITY:
        return SubjectKind.ACCESS, context.subject_id
    return SubjectKind.PERSON, context.access.person_id


class OfAccess(NoticeKind, root=True):
    """About an access: one person, one account."""

    about = frozenset({SubjectKind.ACCESS})

    def _is_own(self, context: NoticeContext) -> bool:
        """Whether its reader is the person whose access it is."""
        return context.access.person_id == context.notice.person_id

    def named(self, context: NoticeContext, *of: str) -> dict[str, Any]:
        """What its templates name; `of` are its courses, where it speaks of some and not of all."""
        account, policy = context.account, context.policy
        required = required_courses(policy, account.level, *filter(None, of))
        return {
            "channel": channel(account, context.policy),
            "place": place(account.school_id, context.rows, policy),
            "number": account.id,
            "own": self._is_own(context),
            "holder": context.rows.people[context.access.person_id].name,
            # the texts that the gates speak of
            "course": titles(required),
            "required": required,
            "guidelines": texts(policy, account, "person"),
            "acceptance": texts(policy, account, "account"),
        }


class GatesOpen(OfAccess):
    """To the person: the steps before access, in the order to do them, one answer for those that need one."""

    tells_of = (AccessState.WAITING,)
    asks_the_person = True

    gates: tuple[ItemKind, ...] = Field(min_length=1)
    courses: tuple[str, ...] = ()
    due_on: date

    def wanted(self) -> tuple[ItemKind, ...]:
        """Its gates, in the order to meet them."""
        return tuple(step for step in _STEPS if step in self.gates) or self.gates

    def stale(self, context: NoticeContext) -> str | None:
        """Every step is done, or the access has begun, come back or ended."""
        asked = {AccessState.WAITING, AccessState.SUSPENDED}
        return super().stale(context) if context.access.state in asked else "access moved on"

    def view(self, context: NoticeContext) -> View:
        """The gates still closed."""
        account = context.account
        gates = self.still_wanted(context)
        return View(
            why=context.why_of(_HELD_BY[gates[0]], account.level),
            due=due(
                gates[0],
                *_subject(gates[0], context),
                t("Steps before access to {channel}", channel=channel(account, context.policy)),
                self.due_on,
            ),
            actions=one_answer(gates, account, context.policy),
            words={**self.named(context, *self.courses), "gates": [gate.name for gate in gates]},
        )


class AccessAtRisk(OfAccess):
    """To the person: an access that they keep through a day, and after it only if they do one step."""

    asks_the_person = True

    control: str
    ask: ItemKind
    course: str = ""
    due_on: date
    because: Literal["missing", "lapses"] = "missing"

    def wanted(self) -> tuple[ItemKind, ...]:
        """The one step."""
        return (self.ask,)

    def stale(self, context: NoticeContext) -> str | None:
        """The step is done, or the access is suspended or has ended."""
        return super().stale(context) if context.access.state is AccessState.GRANTED else "access moved on"

    def view(self, context: NoticeContext) -> View:
        """What keeps the access, and until when it is kept without."""
        account = context.account
        return View(
            why=context.why(self.control),
            due=due(
                self.ask,
                *_subject(self.ask, context),
                t("To keep access to {channel}", channel=channel(account, context.policy)),
                self.due_on,
            ),
            actions=one_answer((self.ask,), account, context.policy),
            words={
                **self.named(context, self.course),
                "ask": self.ask.name,
                "lapses": self.because == "lapses",
            },
        )


class TextsToRead(OfAccess):
    """To somebody who has access: texts, or new versions of them, to read and acknowledge."""

    asks_the_person = True

    texts: tuple[tuple[str, str], ...] = Field(min_length=1)
    due_on: date

    def wanted(self) -> tuple[ItemKind, ...]:
        """An answer to each text; what hangs on the person first."""
        return (ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY)

    def stale(self, context: NoticeContext) -> str | None:
        """All of it is acknowledged, or the access is suspended or has ended."""
        return super().stale(context) if context.access.state is AccessState.GRANTED else "access moved on"

    def view(self, context: NoticeContext) -> View:
        """The texts that were sent and are asked for still, each with where it stands."""
        account, policy = context.account, context.policy
        sent = {text for text, _ in self.texts}
        read = [text for text in texts(policy, account, "person") if text.id in sent]
        accept = [text for text in texts(policy, account, "account") if text.id in sent]
        parts = ((read, ItemKind.ACKNOWLEDGE_GUIDELINES), (accept, ItemKind.ACCEPT_RESPONSIBILITY))
        gates = tuple(kind for found, kind in parts if found and kind in self.still_wanted(context))
        first = (gates or self.wanted())[0]
        return View(
            why=context.why_of(TextAcknowledged, account.level),
            due=due(
                first,
                *_subject(first, context),
                t("To read for {channel}", channel=channel(account, policy)),
                self.due_on,
            ),
            actions=one_answer(gates, account, policy),
            words={
                **self.named(context),
                "guidelines": read,
                "acceptance": accept,
                "gates": [gate.name for gate in gates],
            },
        )


class AccessGranted(OfAccess):
    """To the person: every step is done."""

    tells_of = (AccessState.GRANTED,)

    def stale(self, context: NoticeContext) -> str | None:
        """The access is suspended or has ended since."""
        return None if context.access.state is AccessState.GRANTED else "access not granted"

    def view(self, context: NoticeContext) -> View:
        """What is expected from now on, where the account is live; and what goes with administering it."""
        live = context.account.state is AccountState.LIVE
        level = context.account.level
        advice = [
            (text.id[0].upper() + text.id[1:], [(point.clause, point.text) for point in text.points])
            for text in for_administrators(context.account, context.policy)
        ]
        return View(
            why=context.why_of(Look, level),
            words={
                **self.named(context),
                "live": live,
                "cadence": cadence(context.policy, level),
                "advice": advice,
            },
        )


class AccessSuspended(OfAccess):
    """To the person, and the account's other administrators: an access is suspended, and what brings it back.

    `ask` is what the person can do to have it back, `due_on` until when; none where only others can.
    `voided`: the completion on which it rested was recorded as one that does not count. News is told late
    too, but what is done by then is not asked for.
    """

    urgency = Urgency.URGENT
    tells_of = (AccessState.SUSPENDED,)
    asks_the_person = True
    is_news = True

    control: str
    ask: ItemKind | None = None
    course: str = ""
    due_on: date | None = None
    voided: bool = False

    def stale(self, context: NoticeContext) -> str | None:
        """The access has come back, or has ended."""
        return None if context.access.state is AccessState.SUSPENDED else "access not suspended"

    def wanted(self) -> tuple[ItemKind, ...]:
        """What brings the access back."""
        return () if self.ask is None else (self.ask,)

    def view(self, context: NoticeContext) -> View:
        """To the person: what brings it back. To the others: who may not post for now."""
        account = context.account
        left = self.still_wanted(context)
        ask = self.ask if self._is_own(context) and left else None
        title = t("To have access to {channel} again", channel=channel(account, context.policy))
        return View(
            why=context.why(self.control),
            due=due(ask, *_subject(ask, context), title, self.due_on) if ask and self.due_on else None,
            actions=one_answer((ask,), account, context.policy) if ask else (),
            words={
                **self.named(context, self.course),
                "ask": self.ask.name if self.ask and left else None,
                "voided": self.voided,
                "done": self.ask is not None and not left,
            },
        )


class AccessRevoked(OfAccess):
    """To the person, and whoever must take them off: the access has ended for good.

    `change_id`: the decision of `by_id` with its reason, where it was ended at once.
    """

    urgency = Urgency.URGENT
    tells_of = (AccessState.REVOKED,)

    control: str
    by_id: int | None = None
    change_id: int | None = None

    def stale(self, context: NoticeContext) -> str | None:
        """The access has come back."""
        return None if context.access.state is AccessState.REVOKED else "access came back"

    def view(self, context: NoticeContext) -> View:
        """Whose access it was; who decided it, and why."""
        decided = decided_by(self.by_id, self.change_id, context.rows, context.policy)
        return View(why=context.why(self.control), words={**self.named(context), **decided})
