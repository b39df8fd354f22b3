"""One template, two readings: text and HTML.

What a template says itself is Markdown. Whatever it names (a school, a handle, somebody's reason) is never
Markdown: it goes into a numbered slot and is filled in after Markdown was read, so that it shows as it was
typed. What stays the same in many letters is read once: the template between its slots.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined, Template, TemplateError, pass_context
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from policy.notices.words import begins, day, short, short_day, span
from schemas.errors import MailRefused
from schemas.language import before, said, spoken
from tasks.translated import Templates, after

TEMPLATES = Path(__file__).parent / "templates"

#: What a row that is not there, or a defect of ours, raises: it parks one notice and stops no other.
DEFECTS = (LookupError, AttributeError, TypeError, ValueError)

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_SLOT = re.compile(r"SLOT(\d+)X")
_SLOT_OR_PARAGRAPH = re.compile(r"<p>SLOT(\d+)X</p>|SLOT(\d+)X")
_BOX = re.compile(r"^::: ?(\w*)$\n?", re.MULTILINE)  # "::: please" begins a box of that name, ":::" ends it
_RULE = "-" * 40


class Rendered(NamedTuple):
    """Something ready to be read. `html` is escaped already; `is_page`: it has paragraphs of its own."""

    text: str
    html: str
    is_page: bool = False


def link(address: str, label: str = "") -> Rendered:
    """An address to open, where it is one that a browser or a mail program may open."""
    text = f"{label} ({address})" if label else address
    if not re.match(r"(https?|mailto):", address):
        return Rendered(text, str(escape(text)))
    return Rendered(text, f'<a href="{escape(address)}">{escape(label or address)}</a>')


@pass_context
def _into_a_slot(context: Context, value: Any) -> Any:
    """What Jinja writes for a value: Markdown of ours as it is, everything else as a slot."""
    if isinstance(value, Markup):
        return value
    slots: list[Rendered] = context["slots"]
    slots.append(value if isinstance(value, Rendered) else _typed(str(value)))
    return f"SLOT{len(slots) - 1}X"


def _typed(words: str) -> Rendered:
    """What somebody typed, line by line."""
    words = words.strip().replace("\r\n", "\n").replace("\r", "\n")
    return Rendered(words, str(escape(words)).replace("\n", "<br>\n"))


@cache
def _environment(language: str) -> Environment:
    """In a language. Undefined names are errors. Autoescape: a macro gives our own Markdown back as such."""
    made = Environment(
        loader=Templates(TEMPLATES, language),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_into_a_slot,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else each file is looked at for every letter
    )
    made.filters.update(
        {
            "after": _after,
            "begins": begins,
            "day": day,
            "short_day": short_day,
            "short": short,
            "span": span,
            "link": link,
            "numeral": _numeral,
            "said": said,
        }
    )
    return made


def _after(value: Any, word: str) -> Any:
    """The value with the word before it; what is ready to be read stays so."""
    if not isinstance(value, Rendered):
        return after(value, word)
    begins = before(word, value.text)
    return Rendered(begins + value.text, begins + value.html, value.is_page)


def _numeral(number: int) -> Markup:
    """A number that Markdown is to see: that of a list."""
    return Markup(str(int(number)))  # noqa: S704 - digits only


def render(template: str, words: Mapping[str, Any]) -> Rendered:
    """A template of the folder, as text and as HTML. Raises MailRefused where it can't be filled in."""
    slots: list[Rendered] = []
    source = _filled(template, lambda found: found.render({**words, "slots": slots}))
    text, html = _read(source)
    return Rendered(
        "".join(piece.text(slots) for piece in text).strip(),
        "".join(piece.html(slots) for piece in html),
        is_page=True,
    )


def subject(template: str, words: Mapping[str, Any]) -> str:
    """The line that a template's block `subject` gives. Raises MailRefused as `render` does."""
    slots: list[Rendered] = []

    def block(found: Template) -> str:
        return "".join(found.blocks["subject"](found.new_context({**words, "slots": slots})))

    return _SLOT.sub(lambda slot: slots[int(slot[1])].text, _filled(template, block))


def _filled(template: str, fill: Callable[[Template], str]) -> str:
    try:
        return str(fill(_environment(spoken()).get_template(template)))
    except (TemplateError, *DEFECTS) as error:
        raise MailRefused(f"The template {template} can't be filled in ({type(error).__name__}).") from error


@dataclass(frozen=True)
class _Piece:
    """Words of a template, and the number of the slot after them; None at the end."""

    words: str
    slot: int | None = None
    indent: str = ""  # in text: before further lines of what is filled in
    is_paragraph: bool = False  # in HTML: whether the slot is a whole paragraph

    def text(self, slots: Sequence[Rendered]) -> str:
        """With what is filled in, as text."""
        if self.slot is None:
            return self.words
        return self.words + slots[self.slot].text.replace("\n", "\n" + self.indent)

    def html(self, slots: Sequence[Rendered]) -> str:
        """With what is filled in, as HTML."""
        if self.slot is None:
            return self.words
        one = slots[self.slot]
        return self.words + (f"<p>{one.html}</p>" if self.is_paragraph and not one.is_page else one.html)


@lru_cache(maxsize=1024)
def _read(source: str) -> tuple[tuple[_Piece, ...], tuple[_Piece, ...]]:
    """A template between its slots, as text and as HTML. It holds nobody's words."""
    text, words = [], ""
    for line in _lines(source):
        beginning = re.match(r" *(?:- |\d+\. )?", line)
        indent = " " * len(beginning[0] if beginning else "")
        end = 0
        for slot in _SLOT.finditer(line):
            text.append(_Piece(words + line[end : slot.start()], int(slot[1]), indent))
            words, end = "", slot.end()
        words += line[end:] + "\n"
    html, page, end = [], _page(source), 0
    for slot in _SLOT_OR_PARAGRAPH.finditer(page):
        number = int(slot[1] or slot[2])
        html.append(_Piece(page[end : slot.start()], number, is_paragraph=slot[1] is not None))
        end = slot.end()
    return (*text, _Piece(words)), (*html, _Piece(page[end:]))


def _lines(source: str) -> list[str]:
    """Markdown as it reads best in plain text, without the gaps that unfilled blocks leave."""
    lines: list[str] = []
    for line in _BOX.sub("", source).splitlines():
        words = _RULE if line == "---" else re.sub(r"^#+ ", "", line).replace("**", "")
        words = re.sub(r"^( *)> ?", r"\1  ", words).rstrip()
        if words or (lines and lines[-1]):
            lines.append(words)
    return lines[:-1] if lines and not lines[-1] else lines


def _page(source: str) -> str:
    """Markdown as HTML, each box a division of its name."""
    first, *boxes = _BOX.split(source)
    page = str(_MARKDOWN.render(first))
    for name, words in zip(boxes[::2], boxes[1::2], strict=True):
        page += (f'<div class="{name}">\n' if name else "</div>\n") + _MARKDOWN.render(words)
    return page
