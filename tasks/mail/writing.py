"""From a notice to a mail: what is dropped, what is parked, what a person reads, and its bytes.

What is due comes as a calendar file: all-day entries that take no time from anybody's day. An event and not
a to-do: the common mail programs show events and pass over to-dos. The same thing asked again (a reminder, an
escalation) has the same UID and a higher sequence, so that it moves and is not doubled.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from html import escape
from typing import Any
from urllib.parse import quote

import structlog
from icalendar import Calendar, Event

from policy.model import Policy
from policy.notices import NoticeContext, NoticeKind, Rows, View, read
from policy.notices.base import Action, Due
from policy.notices.words import short
from schemas.errors import BadInput, MailRefused
from schemas.language import known, speaking, spoken, t
from schemas.machinery import Notice
from schemas.notices import NoticeState
from schemas.people import Person
from tasks.mail.markup import DEFECTS, TEMPLATES, Rendered, render, subject
from tasks.mail.messages import DeliveryResult, Message, alike, ended, put_off
from tasks.mail.mime import Letter, Sender, build, is_address, message_id
from tasks.mail.opening import is_done_there, page_for

log = structlog.get_logger("steward.mail")

#: A longer subject is cut on a phone: the matter comes first, and what is too long ends with an ellipsis.
SUBJECT_LENGTH = 60
#: Mail programs cut longer links, or do not open them at all.
LINK_LIMIT = 1800


@dataclass(frozen=True)
class Entry:
    """A notice as a part of a letter or of a digest."""

    notice: int
    subject: str
    body: Rendered
    due: Due | None
    cancelled: Due | None = None

    @property
    def words(self) -> tuple[str, str]:
        """What a person reads, without the notice's number: two that say the same are said once."""
        return self.subject, self.body.text.replace(f"(Notice {self.notice})", "")


def mailto(action: Action, address: str) -> str:
    """A link that opens a mail to Communications, written but for what only the person knows."""
    body = action.body.replace("\n", "\r\n")
    while True:
        opened = f"mailto:{quote(address, safe='@')}?subject={quote(action.subject)}&body={quote(body)}"
        if len(opened) <= LINK_LIMIT or not body:
            return opened
        body = body[: len(body) * LINK_LIMIT // len(opened)]


def _button(action: Action, reply_to: str) -> Rendered:
    """A click in HTML; in text all that the click would have written, to be copied into an answer."""
    words = "".join(f"\n      {line}".rstrip(" ") for line in action.body.splitlines())
    return Rendered(
        t(
            "- {label}: write to {address}, subject “{subject}”, with these words:",
            label=action.label,
            address=reply_to,
            subject=action.subject,
        )
        + f"\n{words}",
        f'<a class="button" href="{escape(mailto(action, reply_to))}">{escape(action.label)}</a>',
    )


def _clicks(view: View, context: NoticeContext, sender: Sender) -> list[Rendered]:
    """With web pages one button, which opens the page where it is done; without them prepared answers.

    Where only an answer does it, the button opens the page of what the letter is about, if there is one.
    """
    if not sender.pages:
        return [_button(action, sender.reply_to) for action in view.actions]
    done = is_done_there(context, view)
    path = page_for(context) if done or view.actions else "/"
    opened = f"{sender.pages}{path}"
    if done:
        words = t("- Open the page where you do it: {address}", address=opened)
    elif path != "/":
        words = t("- See it on its page: {address}", address=opened)
    else:
        return []
    return [Rendered(words, f'<a class="button" href="{escape(opened)}">{t("Open the page")}</a>')]


def _address(address: str) -> Rendered:
    return Rendered(address, f'<a href="mailto:{escape(address)}">{escape(address)}</a>')


def _page(title: str, body: str) -> str:
    """The whole HTML. Both are escaped already."""
    first, second, third, end = _around()
    page = f"{first}{title}{second}{title}{third}{body}{end}"
    return page.replace('<html lang="en">', f'<html lang="{spoken()}">', 1)


@cache
def _around() -> list[str]:
    """What stands before the title, before the heading, before the body and after it."""
    return re.split("TITLE|HEADING|BODY", (TEMPLATES / "_page.html").read_text())


def view_for(context: NoticeContext) -> View:
    """The view of a notice. Raises MailRefused where a row that it needs is not there."""
    try:
        return read(context.notice).view(context)
    except DEFECTS as error:
        raise _amiss(context, error) from error


def _line(context: NoticeContext) -> str:
    """What a list says of a notice. Raises MailRefused where a row that it needs is not there."""
    try:
        return read(context.notice).line(context)
    except DEFECTS as error:
        raise _amiss(context, error) from error


def _amiss(context: NoticeContext, error: Exception) -> MailRefused:
    return MailRefused(
        f"A notice {context.notice.kind} can't be made: a row it needs is amiss ({type(error).__name__})."
    )


#: So many are named in a list of what is said of many; the rest is counted.
_LISTED = 50


def entries_of(contexts: Sequence[NoticeContext], sender: Sender) -> list[Entry]:
    """The parts of a letter: one for each notice, or one with a list for all that say the same of many.

    Raises MailRefused where one of them can't be written.
    """
    groups: dict[Hashable, list[NoticeContext]] = {}
    for place, context in enumerate(contexts):
        of_many = read(context.notice).listed and bool(_line(context))
        groups.setdefault(alike(context.notice) if of_many else place, []).append(context)
    return [entry(group[0], sender, group if len(group) > 1 else ()) for group in groups.values()]


def entry(context: NoticeContext, sender: Sender, several: Sequence[NoticeContext] = ()) -> Entry:
    """A notice as a part of a letter; `several` that say the same, itself among them, as one with a list.

    Raises MailRefused where it can't be written.
    """
    view = view_for(context)
    over = view.due is not None and view.due.on < context.today() and "late" not in view.words
    of_all: Mapping[str, Any] = {
        "day_is_over": over,
        "actions": [] if several else _clicks(view, context, sender),  # they speak of one alone
        "due": view.due,
        "why": view.why,
        "document": context.policy.document.id,
        "notice": context.notice.id,
        "several": [_line(one) for one in several[:_LISTED]],
        "many": len(several) or 1,
        "many_more": max(0, len(several) - _LISTED),
        "pages": bool(sender.pages),  # whether the button opens a page, or writes an answer
    }
    if twice := sorted(of_all.keys() & view.words.keys()):
        raise MailRefused(
            f"A notice {context.notice.kind} can't be made: {twice[0]} is a word of all letters."
        )
    words = {**of_all, **view.words}
    template = f"{context.notice.kind}.md"
    title = subject(template, words)
    return Entry(
        notice=context.notice.id or 0,
        subject=_one_line(t("Overdue: {subject}", subject=title) if over else title),
        body=render(template, words),
        due=view.due,
        cancelled=view.cancelled,
    )


def letter(
    entries: Sequence[Entry],
    context: NoticeContext,
    sender: Sender,
    *,
    gathered: bool = False,
    uncertain: bool = False,
) -> Letter:
    """What these notices say to one person. `context` is any of them: for the recipient and the day.

    `gathered`: as one message of a day, with a list of what is in it, the earliest day first and news last;
    else there is one entry. Of those that say the same in the same words, one is shown; each has its day in
    the calendar.
    """
    dues = [(one.due, one.notice) for one in entries if one.due is not None]
    gone = [(one.cancelled, one.notice) for one in entries if one.cancelled is not None]
    first = dict[tuple[str, str], Entry]()
    for one in sorted(entries, key=_what_bites_first):
        first.setdefault(one.words, one)
    entries = list(first.values())
    title = entries[0].subject
    if len(entries) > 1:
        title = _one_line(t("{count} things, first: {title}", count=len(entries), title=title))
    body = render(
        "_letter.md",
        {
            "recipient": context.recipient.name,
            "uncertain": uncertain,
            "gathered": gathered,
            "entries": entries,
            "answers_to": _address(sender.reply_to),
            "organization": context.policy.organization.name,
        },
    )
    return Letter(
        subject=title,
        text=body.text + "\n",
        html=_page(escape(title), body.html),
        calendar=calendar_file(dues, sender.domain, context.now) if dues else None,
        cancelled=calendar_file(gone, sender.domain, context.now, "CANCEL") if gone else None,
    )


def _what_bites_first(one: Entry) -> date:
    return one.due.on if one.due else date.max


def _one_line(value: str) -> str:
    return short(value.strip(), SUBJECT_LENGTH)


def calendar_file(
    dues: Sequence[tuple[Due, int]], domain: str, now: datetime, method: str = "PUBLISH"
) -> bytes:
    """An iCalendar file with one all-day event for each due date; the number is its sequence.

    With the method CANCEL these leave the calendar: the same entry, with a higher sequence.
    """
    newest = {due.key: (due, sequence) for due, sequence in sorted(dues, key=lambda pair: pair[1])}
    events = []
    for due, sequence in newest.values():
        event = Event()
        event.add("uid", f"{due.key}@{domain}")
        event.add("dtstamp", now)
        event.add("sequence", sequence)
        event.add("summary", due.title)
        event.add("dtstart", due.on)
        event.add("dtend", due.on + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        if method == "CANCEL":
            event.add("status", "CANCELLED")
        events.append(event.to_ical())
    begin, end = _calendar_around(method)
    return b"".join([begin, *events, end])


@cache
def _calendar_around(method: str) -> tuple[bytes, bytes]:
    """What stands before and after the events, the same in each file."""
    calendar = Calendar()
    calendar.add("prodid", "-//Steward//Steward//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    begin, end, rest = calendar.to_ical().partition(b"END:VCALENDAR")
    return begin, end + rest


#: How long the end of what somebody was told waits for them, where they are inactive.
_WAITED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Mail:
    """A mail that can leave: the message without what was dropped from it, and its bytes."""

    message: Message
    address: str
    identity: str
    data: bytes


@dataclass
class Writer:
    """Writes the mails of one batch; `results` gathers what will not leave, and why."""

    policy: Policy
    sender: Sender
    rows: Rows
    now: datetime
    results: list[DeliveryResult] = field(default_factory=list)

    def write(self, message: Message) -> Mail | None:
        """The mail of a message; None where nothing of it is to leave."""
        contexts = [
            context for notice in message.notices if (context := self._context(message, notice)) is not None
        ]
        if not contexts:
            return None
        try:
            return self._mail(message, contexts)
        except MailRefused:
            # One that can't be written must not keep the others of a digest from leaving.
            fit = [context for context in contexts if self._is_fit(message, context)]
        return self._mail(message, fit) if fit else None

    def take_results(self) -> list[DeliveryResult]:
        """What was found not to leave since this was last asked."""
        taken, self.results = self.results, []
        return taken

    def _context(self, message: Message, notice: Notice) -> NoticeContext | None:
        """The notice with its facts; None where it is dropped or parked."""
        context = NoticeContext(notice, self.rows, self.policy, self.now)
        try:
            if self._waits_for_its_reader(context):
                self.results.append(put_off(notice, "person inactive", self.now + timedelta(days=1)))
                return None
            reason = _stale(read(notice), context) if context.reaches else "person inactive"
        except (LookupError, BadInput):
            self._end(message, notice, NoticeState.PARKED, "facts do not fit")
            return None
        if reason is not None:
            self._end(message, notice, NoticeState.DEAD, reason)
        elif not is_address(context.address):
            self._end(message, notice, NoticeState.PARKED, "no usable address")
        else:
            return context
        return None

    def _waits_for_its_reader(self, context: NoticeContext) -> bool:
        """Whether it must not be lost because its reader is inactive today, as by a roster's slip."""
        return (
            not context.reaches
            and read(context.notice).ends_what_was_told
            and self.now < context.notice.created_at + _WAITED_FOR
            and _stale(read(context.notice), context) is None
        )

    def _is_fit(self, message: Message, context: NoticeContext) -> bool:
        try:
            self._mail(message, [context])
        except MailRefused as error:
            log.warning("notice refused at the door", notice=context.notice.id, why=str(error))
            self._end(message, context.notice, NoticeState.PARKED, "refused at the door")
            return False
        return True

    def _mail(self, message: Message, contexts: Sequence[NoticeContext]) -> Mail:
        """Raises MailRefused for what can't be written."""
        kept = replace(message, notices=tuple(context.notice for context in contexts))
        identity = message_id(kept.key, self.sender.domain)
        person: Person = contexts[0].recipient
        with speaking(known(person.language)):
            entries = entries_of(contexts, self.sender)
            written = letter(
                entries, contexts[0], self.sender, gathered=kept.gathered, uncertain=kept.uncertain
            )
        data = build(
            written,
            sender=self.sender,
            name=person.name,
            address=contexts[0].address,
            identity=identity,
            notices=kept.ids,
            uncertain=kept.uncertain,
            now=self.now,
        )
        return Mail(kept, contexts[0].address, identity, data)

    def _end(self, message: Message, notice: Notice, state: NoticeState, reason: str) -> None:
        log.info(
            "notice will not leave",
            notice=notice.id,
            kind=notice.kind,
            state=state.value,
            reason=reason,
        )
        self.results.append(ended(message, (notice.id or 0,), state, reason))


def _stale(kind: NoticeKind, context: NoticeContext) -> str | None:
    """Why it need not leave. Where a row is not there, the letter will say so."""
    with suppress(LookupError):
        return kind.stale(context)
    return None
