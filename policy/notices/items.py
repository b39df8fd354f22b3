"""Notices about an action item: it is asked again, or asked of somebody else."""

from typing import Any, Literal

from policy.notices.access import one_answer
from policy.notices.base import Action, NoticeContext, NoticeKind, View, due
from policy.notices.mending import Mending, how_to_ask
from policy.notices.requests import verdicts
from policy.notices.words import account_of, place, short, todo
from schemas.language import t
from schemas.machinery import ActionItem
from schemas.notices import Urgency
from schemas.words import ItemKind, ItemState, SubjectKind

#: What is asked until a control holds again: how to do that stands in the letter.
_MENDED = frozenset(
    {
        ItemKind.COMPLETE_COURSE,
        ItemKind.ACKNOWLEDGE_GUIDELINES,
        ItemKind.ACCEPT_RESPONSIBILITY,
        ItemKind.MEND_FINDING,
        ItemKind.MEND_NOTICE,
    }
)


class _OfItem(NoticeKind, root=True):
    """About an item, or about what the item is about."""

    urgency = Urgency.LOW
    about = frozenset(SubjectKind)

    item_id: int

    def stale(self, context: NoticeContext) -> str | None:
        """It is done, or need not be done any more."""
        item = context.rows.items[self.item_id]
        return "item ended" if item.state is not ItemState.OPEN else None

    def _view(self, context: NoticeContext, actions: tuple[Action, ...], **words: Any) -> View:
        item = context.rows.items[self.item_id]
        what = todo(item, context.rows, context.policy)
        title = what[0].upper() + what[1:]
        return View(
            why=context.why(item.control),
            due=due(item.kind, item.subject_kind, item.subject_id, title, item.due_on),
            actions=actions,
            words={
                "todo": what,
                "opened_on": context.day_of(item.opened_at),
                "late": item.due_on < context.today(),
                "how": _how(item, context),
                **words,
            },
        )


def _holder(item: ActionItem, context: NoticeContext) -> str:
    """Who was asked first: a person, or the office at its school."""
    if item.person_id is not None:
        return context.rows.people[item.person_id].name
    where = place(item.role_school_id, context.rows, context.policy)
    return t("the {office} of {where}", office=context.policy.label(str(item.role)), where=where)


def _how(item: ActionItem, context: NoticeContext) -> Mending:
    """What the item takes, where its control says; of texts, those that the item names."""
    if item.kind not in _MENDED:
        return Mending()
    account = account_of(item.subject_kind, item.subject_id, context.rows)
    return how_to_ask(item, account, context.policy, context.rows)


def _actions(item: ActionItem, context: NoticeContext) -> tuple[Action, ...]:
    """The same answers as in the first notice; a course reports itself, so that only help is offered."""
    what = short(todo(item, context.rows, context.policy), 90)
    help_wanted = Action(
        t("I need help"), t("Item {item}, {what}: question", item=item.id, what=what), t("My question: ")
    )
    request = context.rows.requests.get(item.subject_id)
    if item.kind is ItemKind.DECIDE_REQUEST and item.subject_kind is SubjectKind.REQUEST and request:
        return verdicts(request, context.rows, context.policy)
    if item.kind is ItemKind.COMPLETE_COURSE:
        return (help_wanted,)
    if item.kind in {ItemKind.ACKNOWLEDGE_GUIDELINES, ItemKind.ACCEPT_RESPONSIBILITY}:
        account = account_of(item.subject_kind, item.subject_id, context.rows)
        if account is not None:
            return (*one_answer((item.kind,), account, context.policy), help_wanted)
    return (
        Action(t("It is done"), t("Item {item}, {what}: done", item=item.id, what=what), t("Done on: ")),
        help_wanted,
    )


class ItemReminder(_OfItem):
    """To whoever is asked: the same thing asked again, with the same calendar entry.

    A deputy, or the office that it climbed to, reads whose it is. Each says how near the last day is, or how
    long it is over, and who has heard of it: no two say the same. `number`: which one of the item it is,
    counted from 1; None where it is no step of the ladder.
    """

    number: int | None = None

    def stale(self, context: NoticeContext) -> str | None:
        """It is done, or need not be done any more; or a later reminder stands beside it."""
        reminders = context.rows.items[self.item_id].reminders
        if self.number is not None and reminders > self.number:
            return "reminded again"
        return super().stale(context)

    def view(self, context: NoticeContext) -> View:
        """Since when it waits, for whom, how many school days are left or over, and who has heard of it."""
        item, calendar, today = context.rows.items[self.item_id], context.calendar, context.today()
        asked, heard = item.person_id, item.climbed_to
        theirs = asked == context.notice.person_id if asked else heard is None
        return self._view(
            context,
            _actions(item, context),
            holder=None if theirs else _holder(item, context),
            of_office=asked is None,
            left=calendar.school_days_after(today, item.due_on),
            over=calendar.school_days_after(item.due_on, today),
            heard=context.policy.label(heard) if heard and theirs else None,
        )


class ItemEscalated(_OfItem):
    """To the office that an item climbed to: it is late, or nobody is there who was asked."""

    because: Literal["late", "nobody there", "mail refused", "soon"] = "late"

    def view(self, context: NoticeContext) -> View:
        """Who was asked first, and how often."""
        item = context.rows.items[self.item_id]
        what = short(todo(item, context.rows, context.policy), 90)
        settled = Action(
            t("It is settled"), t("Item {item}, {what}: settled", item=item.id, what=what), t("Settled how: ")
        )
        nobody_there = self.because == "nobody there"
        return self._view(
            context,
            _actions(item, context) if nobody_there else (settled,),
            holder=_holder(item, context),
            reminders=item.reminders,
            nobody_there=nobody_there,
            mail_refused=self.because == "mail refused",
            soon=self.because == "soon" and item.due_on >= context.today(),
        )


class NoLongerAsked(_OfItem):
    """To whoever was asked and has it in the calendar: it is done or need not be done, and the entry goes."""

    def stale(self, context: NoticeContext) -> str | None:
        """It is asked again."""
        return "asked again" if context.rows.items[self.item_id].state is ItemState.OPEN else None

    def view(self, context: NoticeContext) -> View:
        """What ended, and how."""
        item = context.rows.items[self.item_id]
        what = todo(item, context.rows, context.policy)
        title = what[0].upper() + what[1:]
        return View(
            why=context.why(item.control),
            cancelled=due(item.kind, item.subject_kind, item.subject_id, title, item.due_on),
            words={
                "todo": what,
                "title": title,
                "done": item.state is ItemState.DONE,
                "was_due": item.due_on,
            },
        )
