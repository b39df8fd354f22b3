"""From a notice to what a person reads: subject, text, HTML, and the calendar entry of what is due."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any
from urllib.parse import quote

from policy.notices import NoticeContext, View, read
from policy.notices.base import Action, Due
from policy.notices.words import short
from schemas.errors import MailRefused
from tasks.mail.calendar_file import calendar_file
from tasks.mail.markup import DEFECTS, TEMPLATES, Rendered, render, subject
from tasks.mail.message import SUBJECT_LIMIT, Letter, Sender

#: Mail programs cut longer links, or do not open them at all.
LINK_LIMIT = 1800


@dataclass(frozen=True)
class Entry:
    """A notice as a part of a letter or of a digest."""

    notice: int
    subject: str
    body: Rendered
    due: Due | None


def mailto(action: Action, address: str) -> str:
    """A link that opens a mail to Communications, written but for what only the person knows."""
    body = action.body.replace("\n", "\r\n")
    while True:
        opened = f"mailto:{quote(address, safe='@')}?subject={quote(action.subject)}&body={quote(body)}"
        if len(opened) <= LINK_LIMIT or not body:
            return opened
        body = body[: len(body) * LINK_LIMIT // len(opened)]


def _button(action: Action, reply_to: str) -> Rendered:
    return Rendered(
        f"- {action.label}: write to {reply_to}, subject “{action.subject}”",
        f'<a class="button" href="{escape(mailto(action, reply_to))}">{escape(action.label)}</a>',
    )


def _address(address: str) -> Rendered:
    return Rendered(address, f'<a href="mailto:{escape(address)}">{escape(address)}</a>')


def _page(title: str, body: str) -> str:
    """The whole HTML. Both are escaped already."""
    first, second, third, end = _around()
    return f"{first}{title}{second}{title}{third}{body}{end}"


@cache
def _around() -> list[str]:
    """What stands before the title, before the heading, before the body and after it."""
    return re.split("TITLE|HEADING|BODY", (TEMPLATES / "_page.html").read_text())


def view_for(case: NoticeContext) -> View:
    """The view of a notice. Raises MailRefused where a row that it needs is not there."""
    try:
        return read(case.notice).view(case)
    except DEFECTS as error:
        raise MailRefused(
            f"A notice {case.notice.kind} can't be made: a row it needs is amiss ({type(error).__name__})."
        ) from error


def entry(case: NoticeContext, sender: Sender) -> Entry:
    """A notice as a part of a letter. Raises MailRefused where it can't be written."""
    view = view_for(case)
    words: Mapping[str, Any] = {
        "actions": [_button(action, sender.reply_to) for action in view.actions],
        "due": view.due,
        "why": view.why,
        "document": case.policy.document.id,
        "notice": case.notice.id,
        **view.words,
    }
    template = f"{case.notice.kind}.md"
    return Entry(
        notice=case.notice.id or 0,
        subject=_one_line(subject(template, words)),
        body=render(template, words),
        due=view.due,
    )


def letter(
    entries: Sequence[Entry],
    case: NoticeContext,
    sender: Sender,
    *,
    gathered: bool = False,
    uncertain: bool = False,
) -> Letter:
    """What these notices say to one person. `case` is any of them: for the recipient and the day.

    `gathered`: as one message of a day, with a list of what is in it; else there is one entry.
    """
    title = entries[0].subject
    if len(entries) > 1:
        title = _one_line(f"{len(entries)} things wait for you: {short(title)} and more")
    body = render(
        "_letter.md",
        {
            "recipient": case.recipient.name,
            "uncertain": uncertain,
            "gathered": gathered,
            "entries": entries,
            "answers_to": _address(sender.reply_to),
            "organization": case.policy.organization.name,
        },
    )
    dues = [(one.due, one.notice) for one in entries if one.due is not None]
    return Letter(
        subject=title,
        text=body.text + "\n",
        html=_page(escape(title), body.html),
        calendar=calendar_file(dues, sender.domain, case.now) if dues else None,
    )


def _one_line(value: str) -> str:
    return short(" ".join(value.split(" ")).strip(), SUBJECT_LIMIT)
