"""From a notice to what a person reads: subject, text, HTML, and the calendar entry of what is due."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape
from markupsafe import Markup

from policy.notices import NoticeContext, View, read
from policy.notices.base import Action, Due
from policy.notices.words import day, short, short_day
from schemas.errors import MailRefused
from tasks.mail.calendar_file import calendar_file
from tasks.mail.message import SUBJECT_LIMIT, Letter, Sender

TEMPLATES = Path(__file__).parent / "templates"

#: What a row that is not there, or a defect of ours, raises: it parks one notice and stops no other.
_DEFECTS = (LookupError, AttributeError, TypeError, ValueError)

#: Mail programs cut longer links, or do not open them at all.
LINK_LIMIT = 1800


@dataclass(frozen=True)
class Entry:
    """A notice as a part of a digest. `html` is escaped already."""

    notice: int
    subject: str
    text: str
    html: Markup
    due: Due | None


def mailto(action: Action, address: str) -> str:
    """A link that opens a mail to Communications, written but for what only the person knows."""
    body = action.body.replace("\n", "\r\n")
    while True:
        link = f"mailto:{quote(address, safe='@')}?subject={quote(action.subject)}&body={quote(body)}"
        if len(link) <= LINK_LIMIT or not body:
            return link
        body = body[: len(body) * LINK_LIMIT // len(link)]


@cache
def environment() -> Environment:
    """Undefined names are errors; everything in HTML is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,  # else each of a dozen files is looked at for every letter
    )
    filters: Mapping[str, Callable[..., Any]] = {
        "day": day,
        "short_day": short_day,
        "short": short,
        "mailto": mailto,
    }
    made.filters.update(filters)
    return made


def _render(template: str, context: Mapping[str, Any]) -> str:
    try:
        return environment().get_template(template).render(context)
    except (TemplateError, *_DEFECTS) as error:
        raise MailRefused(f"The template {template} can't be filled in ({type(error).__name__}).") from error


def _one_line(value: str) -> str:
    line = " ".join(value.split(" ")).strip()
    return line if len(line) <= SUBJECT_LIMIT else line[: SUBJECT_LIMIT - 1].rstrip() + "…"


def _tidy(value: str) -> str:
    """Plain text without the gaps that unfilled blocks leave."""
    lines: list[str] = []
    for line in value.splitlines():
        kept = line.rstrip()
        if kept or (lines and lines[-1]):
            lines.append(kept)
    return "\n".join(lines).strip() + "\n"


def view_for(case: NoticeContext) -> View:
    """The view of a notice. Raises MailRefused where a row that it needs is not there."""
    try:
        return read(case.notice).view(case)
    except _DEFECTS as error:
        raise MailRefused(
            f"A notice {case.notice.kind} can't be made: a row it needs is amiss ({type(error).__name__})."
        ) from error


def _context(case: NoticeContext, view: View, sender: Sender, *, uncertain: bool) -> dict[str, Any]:
    policy = case.policy
    context = {
        "recipient": case.recipient.name,
        "uncertain": uncertain,
        "actions": view.actions,
        "due": view.due,
        "why": policy.why(view.control),
        "document": policy.document.id,
        "division": policy.organization.name,
        "reply_to": sender.reply_to,
        "notice": case.notice.id,
        **view.words,
    }
    context["subject"] = _one_line(_render(f"{case.notice.kind}/subject.txt", context))
    return context


def letter(case: NoticeContext, sender: Sender, *, uncertain: bool = False) -> Letter:
    """A notice as a letter of its own."""
    view = view_for(case)
    context = _context(case, view, sender, uncertain=uncertain)
    folder = case.notice.kind
    return Letter(
        subject=context["subject"],
        text=_tidy(_render(f"{folder}/body.txt", {**context, "layout": "_letter.txt"})),
        html=_render(f"{folder}/body.html", {**context, "layout": "_letter.html"}),
        calendar=calendar_file([(view.due, case.notice.id or 0)], sender.domain, case.now)
        if view.due
        else None,
    )


def entry(case: NoticeContext, sender: Sender) -> Entry:
    """A notice as a part of a digest."""
    view = view_for(case)
    context = _context(case, view, sender, uncertain=False)
    folder = case.notice.kind
    return Entry(
        notice=case.notice.id or 0,
        subject=context["subject"],
        text=_tidy(_render(f"{folder}/body.txt", {**context, "layout": "_entry.txt"})),
        html=Markup(_render(f"{folder}/body.html", {**context, "layout": "_entry.html"})),  # noqa: S704 - escaped
        due=view.due,
    )


def digest(
    entries: Sequence[Entry], case: NoticeContext, sender: Sender, *, uncertain: bool = False
) -> Letter:
    """Several notices to one person as one letter. `case` is any of them: for the recipient and the day."""
    context: dict[str, Any] = {
        "recipient": case.recipient.name,
        "uncertain": uncertain,
        "entries": entries,
        "division": case.policy.organization.name,
        "reply_to": sender.reply_to,
        "notice": None,
    }
    context["subject"] = _one_line(_render("_digest_subject.txt", context))
    dues = [(one.due, one.notice) for one in entries if one.due is not None]
    return Letter(
        subject=context["subject"],
        text=_tidy(_render("_digest.txt", context)),
        html=_render("_digest.html", context),
        calendar=calendar_file(dues, sender.domain, case.now) if dues else None,
    )
