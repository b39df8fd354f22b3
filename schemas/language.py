"""In which language people are spoken to, and the texts in it.

English stands in the code and in the templates: it is what the catalogues are asked by. A catalogue is a
file of the folder `texts/`, as translators' tools read and write it; it is read when the first person needs
it, and nothing has to be built. What a policy says itself, and what people typed, is shown as it is.
"""

import gettext
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "texts"
#: The language of the code.
SOURCE: Final = "en"
#: What people may choose, by its code, as each calls itself.
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "fr": "Français"}
#: Of each, how days and numbers are written.
LOCALES: Final[Mapping[str, str]] = {"en": "en_CA", "fr": "fr_CA"}

_SPOKEN: ContextVar[str] = ContextVar("language", default=SOURCE)


def spoken() -> str:
    """The language of who is spoken to at this moment: a key of LANGUAGES."""
    return _SPOKEN.get()


def speak(language: str) -> None:
    """Speak it from here on, for what runs in this context: one request of the web pages, say."""
    _SPOKEN.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak it within the block: one letter, say."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def known(language: str | None) -> str:
    """The language, where it is one that can be chosen; else that of the code."""
    return language if language is not None and language in LANGUAGES else SOURCE


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The texts in a language. A few hundredths of a second the first time, and kept from then on."""
    if language == SOURCE:
        return gettext.NullTranslations()
    from babel.messages import mofile, pofile  # noqa: PLC0415 - only who reads French pays for it

    made = BytesIO()
    with (FOLDER / f"{language}.po").open("rb") as file:
        mofile.write_mo(made, pofile.read_po(file, locale=language))
    made.seek(0)
    return gettext.GNUTranslations(made)


def later(message: str) -> str:
    """The message as it is: marked for the catalogues here, and said by `t` where it is shown."""
    return message


def half(message: str, /, **values: object) -> str:
    """A part of a sentence, in English with its values in place: `said` says it where it is shown.

    Without values it is as it stands: whoever has them puts them in.
    """
    return message.format(**values) if values else message


def t(message: str, /, **values: object) -> str:
    """The message in the language spoken, with its values by name.

    A message that no catalogue has is said in English. A test holds that there is none.
    """
    said = message if spoken() == SOURCE else catalogue(spoken()).gettext(message)
    return _shortened(said, values).format(**values) if values else said


def tn(one: str, many: str, number: int, /, **values: object) -> str:
    """The same for a number of things, by the plural forms of the language; the text may name {number}."""
    if spoken() == SOURCE:
        said = one if number == 1 else many
    else:
        said = catalogue(spoken()).ngettext(one, many, number)
    return _shortened(said, values).format(number=number, **values)


#: Words that lose their vowel before another one, where a value follows: de Ann, but d'Ann.
_BEFORE_A_VALUE = re.compile(r"\b([Dd]|[Qq]u)e \{(\w+)\}")
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


def before(word: str, value: str) -> str:
    """A word with the space that stands after it; without its last vowel where a French value has one first.

    What begins with h or y keeps it: whether that is heard, nobody can tell from a name.
    """
    first = unicodedata.normalize("NFD", value.lstrip()[:1]).lower()[:1]
    vowel = first != "" and first in "aeiou\u0153"
    return f"{word[:-1]}{_APOSTROPHE}" if vowel and spoken() == "fr" else f"{word} "


def _shortened(text: str, values: Mapping[str, object]) -> str:
    """A text whose values are still to come, with each "de" and "que" as it stands before its value."""
    if spoken() != "fr":
        return text
    return _BEFORE_A_VALUE.sub(
        lambda found: f"{before(found[1] + 'e', str(values.get(found[2], '')))}{{{found[2]}}}", text
    )


def on_day(value: date, *, brief: bool = False, year: bool = True) -> str:
    """A day as the language spoken writes it: Monday 12 October 2026; brief: Mon 12 Oct 2026."""
    if spoken() == SOURCE:
        if not year:
            return f"{value.day} {value:%b}"
        return f"{value:%a} {value.day} {value:%b %Y}" if brief else f"{value:%A} {value.day} {value:%B %Y}"
    from babel.dates import format_date  # noqa: PLC0415 - only who reads French pays for it

    fields = ("EEE d MMM y" if brief else "EEEE d MMMM y") if year else "d MMM"
    written = str(format_date(value, fields, locale=LOCALES[spoken()]))
    return re.sub(r"\b1 (?=[a-zéû])", "1er ", written) if spoken() == "fr" else written


def on_month(value: date, *, brief: bool = False) -> str:
    """A month as the language spoken writes it: October 2026; brief: Oct."""
    if spoken() == SOURCE:
        return f"{value:%b}" if brief else f"{value:%B %Y}"
    from babel.dates import format_date  # noqa: PLC0415 - only who reads French pays for it

    return str(format_date(value, "MMM" if brief else "MMMM y", locale=LOCALES[spoken()]))


#: A day as the database writes it, with the time where it has one, within a sentence; and what is in
#: quotation marks, which is somebody's own. A part of a name, a file or an address is no word of a sentence.
_DAY: Final = re.compile(
    r"""“[^”]*”|«[^»]*»|"[^"\n]*"|"""
    r"""(?<![-\w/'"“«=#@&?:.~+])"""
    r"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?: ((?:[01]\d|2[0-3]):[0-5]\d)\b(?!:))?"
    r"""(?![-\w/'"”@+]|[.:]\w)"""
)
#: What stands before an example of how a day is typed: it stays as it is typed.
_TYPED: Final = re.compile(
    rf"(?:\bas|\bwritten|\bwrite it|\bzone:|\bcomme|\bs{_APOSTROPHE}écrit|\bfuseau\W*:|--[\w-]+) $",
    re.IGNORECASE,
)
_BEGINS: Final = re.compile(r"(?:^|[.!?]\s+|\n\s*)$")


def days_written(words: str) -> str:
    """A sentence with its days as people write them, in the language spoken.

    Examples of typing stay, and so does what is quoted.
    """
    return _DAY.sub(lambda found: _written(found, words[: found.start()]), words)


def _written(found: re.Match[str], before_it: str) -> str:
    if found[1] is None or _TYPED.search(before_it[-20:]):  # None: within quotation marks
        return found[0]
    try:
        day = on_day(date.fromisoformat(found[1]))
    except ValueError:  # such as 2026-02-30
        return found[0]
    day = day[:1].upper() + day[1:] if _BEGINS.search(before_it) else day
    return f"{day}, {at_time(time.fromisoformat(found[2]))}" if found[2] else day


def with_days(words: str) -> str:
    """Something that code has written in English, in the language spoken; its days as people write them."""
    return days_written(said(words))


def at_time(value: datetime | time) -> str:
    """A time of day in the zone that it has: 14:30, or 14 h 30."""
    return f"{value.hour} h {value:%M}" if spoken() == "fr" else f"{value:%H:%M}"


#: A value in a sentence: {name}.
FIELD: Final = re.compile(r"\{(\w+)\}")
#: What stands before a sentence in a catalogue that code writes with its values in place.
SENTENCE: Final = "sentence"
_END = re.compile(r"(?<=[.!?:;]) ")
#: The number of a clause after a value, as `Policy.cited` has it.
_CITED = re.compile(r" \(\d[\d.]*\)$")
#: So many parts of a text may be one sentence.
_TOGETHER = 4
_ENDS: Final = ".:;"
#: How a language sets what ends a part, where it differs.
_ENDS_IN: Final[Mapping[str, Mapping[str, str]]] = {"fr": {":": "\N{NO-BREAK SPACE}:"}}


@cache
def _sentences(language: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Each sentence that has values: its begin, its pattern, its translation. The longest first."""
    entries: Mapping[object, str] = getattr(catalogue(language), "_catalog", {})
    begin = f"{SENTENCE}\x04"
    found = [
        (key.removeprefix(begin), said)
        for key, said in entries.items()
        if isinstance(key, str) and key.startswith(begin)
    ]
    return tuple(
        (FIELD.split(one)[0], _pattern(one), said)
        for one, said in sorted(found, key=lambda pair: -len(FIELD.sub("", pair[0])))
    )


def _pattern(sentence: str) -> re.Pattern[str]:
    made, seen = "", set[str]()
    for place, part in enumerate(FIELD.split(sentence)):
        if place % 2 == 0:
            made += re.escape(part)
        else:
            made += f"(?P={part})" if part in seen else f"(?P<{part}>.*?)"
            seen.add(part)
    return re.compile(made, re.DOTALL)


def said(words: str) -> str:
    """Something that code has written in English, in the language spoken: a word, a refusal, what was found.

    Sentences with values are known by what stands around the values; each is looked at by itself. What nobody
    knows, such as what a policy says or somebody typed, stays as it is.
    """
    if spoken() == SOURCE or not words.strip():
        return words
    return _whole(words) or " ".join(_in_parts(_END.split(words)))


def _in_parts(parts: list[str]) -> Iterator[str]:
    """The parts of what is known by no sentence, in the longest runs that are known; others as they are."""
    place = 0
    while place < len(parts):
        for end in range(min(len(parts), place + _TOGETHER), place, -1):
            run = " ".join(parts[place:end])
            if known := _whole(run) or _without_end(run):
                break
        yield known or parts[place]
        place = end


def _without_end(words: str) -> str:
    """What is known without the sign that ends it: what is wrong with a field ends a sentence of several."""
    bare, end = words[:-1], words[-1:]
    if " " not in bare or end not in _ENDS:
        return ""
    found = _whole(bare)
    return found and f"{found}{_ENDS_IN.get(spoken(), {}).get(end, end)}"


def _value(around: str, value: str) -> str:
    """A value of a sentence: a word of ours or a part with values of its own, else as it is."""
    bare = value.strip()
    if not bare or len(bare) == len(around):
        return value
    cited = _CITED.search(bare)
    if cited and (known := _whole(bare[: cited.start()])):
        return value.replace(bare, f"{known}{cited[0]}")
    return value.replace(bare, _whole(bare) or bare)


def _put_in(sentence: str, values: Mapping[str, str]) -> str:
    return FIELD.sub(lambda field: values[field[1]], sentence)


def _whole(words: str) -> str:
    if not words:
        return ""  # a catalogue has its own head there
    texts = catalogue(spoken())
    if (found := texts.gettext(words)) != words:
        return found
    if (found := texts.pgettext(SENTENCE, words)) != words:
        return found
    for begin, pattern, known in _sentences(spoken()):
        if words.startswith(begin) and (fits := pattern.fullmatch(words)):
            values = {name: _value(words, value) for name, value in fits.groupdict().items()}
            return _put_in(_shortened(known, values), values)
    return ""
