"""The errors of the TOML reader in plain words."""

import re

from schemas.language import half

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

_DATE = half("write a date as 2026-09-01")
_TIME = half("write a time of day as 08:15:00")
_CURLY = "[\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019]"
_QUOTES = half('these are typographic quotes; write straight ones: "…"')

#: What is often on a line that can't be read, wherever it stands there, and what to write.
_SIGNS = (
    (re.compile(rf"(?:^|[=\[,{{])\s*{_CURLY}|{_CURLY}\s*(?:$|[=\],}}#])"), _QUOTES),
    (
        re.compile(r"[\u00a0\u2007\u202f\u200b-\u200d\u2060\ufeff]"),
        half("a space on this line is none, as copied text has them; type the line anew"),
    ),
)

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"

#: The same for what stands after the key.
_VALUES = tuple(
    (re.compile(r"=\s*" + pattern, re.IGNORECASE), said)
    for pattern, said in (
        (
            r"[1-9]\d{0,2}(?:[, ]\d{3})+\s*(?:#.*)?$",
            half("write a large number without commas or spaces: 3600"),
        ),
        (r"-?\d+,\d+\s*(?:#.*)?$", half("write a decimal point: 0.2")),
        (
            r"-?(?:\.\d+|\d+\.)\s*(?:#.*)?$",
            half("write a digit before the decimal point and one after it: 0.5"),
        ),
        (r"\d+\s*%", half("write a share as a decimal number: 0.2 for 20 %")),
        (r"[\u2212\u2013\u2014]\s*\d", half("write a hyphen for minus: -1")),
        (r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}", _DATE),
        (rf"\d{{1,2}}\.?\s+{_MONTH}", _DATE),
        (rf"{_MONTH}\s+\d", _DATE),
        (r"\d{4}-(?:1[3-9]|[2-9]\d|00)-\d|\d{4}-\d\d-(?:3[2-9]|[4-9]\d|00)\b", half("there is no such day")),
        (r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b", _DATE),
        (r"\d{1,2}(?::\d{2}|\s*h\s*\d{2}|\s*[ap]\.?m\b)", _TIME),
        (r"(?:true|false|yes|no)\b", half("write true or false, in small letters")),
        (r"(?:null|none|nil|n/a)\s*(?:#.*)?$", half("take out a key that has no value")),
        (r"0\d", half("a number must not begin with 0")),
        (r"\d+\s*[a-z]+\s*(?:#.*)?$", half("write the number alone: its unit stands in the key")),
        (r"[a-z]", half('put a text in straight quotes: "…"')),
        (r"(?:#.*)?$", half("a value is missing after =")),
        (r".*//", half("a remark begins with #")),
        (r".*[,;]\s*(?:#.*)?$", half("take out the comma or semicolon at the end of the line")),
        (r'"[^"]*"\s*[^\s,#]', half(r"a quote within a text is written \"; a line has one value")),
        (r"[^=]*=", half("write each key = value on a line of its own")),
    )
)

#: What the reader says, and what that means. The first that fits.
_SAID = (
    ("Cannot overwrite a value", half("this key stands here twice")),
    ("Cannot declare", half("this table stands here twice")),
    ("Cannot mutate immutable", half("this table stands here twice")),
    ("Unclosed array", half("a comma or the closing ] of a list is missing")),
    ("Unclosed inline table", half("a comma or the closing } of a table is missing")),
    ("Illegal character '\\n'", half("the closing quote of a text is missing")),
    ("Found invalid character '\\n'", half("the closing quote of a text is missing")),
    ("Unterminated string", half("the closing quote of a text is missing")),
    ('Expected "\'"', half("the closing quote of a text is missing")),
    (
        "Illegal character",
        half("a sign on this line can't be seen and does not belong there; type the line anew"),
    ),
    (
        "Found invalid character",
        half("a sign on this line can't be seen and does not belong there; type the line anew"),
    ),
    ("Unescaped '\\'", half("write a backslash twice, or put the text in 'single quotes'")),
    ("Invalid hex value", half("write a backslash twice, or put the text in 'single quotes'")),
    ("Expected ']]'", half("the closing ]] of a table's name is missing")),
    ("Expected ']'", half("the closing ] of a table's name is missing")),
    ("Expected '=' after a key", half("an = is missing after a key; a key is one word")),
    ("Invalid initial character for a key part", half("a table in { } must stand on one line")),
    ("Invalid date or datetime", half("there is no such day or time")),
    ("Invalid statement", half("this is neither a [table] nor a key = value")),
    ("Expected newline", half("there is more on this line than one value")),
    ("Invalid value", half("this is no text, number, date or list")),
)

#: Where the reader's word is not the last: what stands on the line says more.
_OF_THE_LINE = (
    ("Expected '=' after a key", re.compile(r"^\s*[\w-]+\s*:"), half("write = in the place of the :")),
    ("Invalid initial character", re.compile(r",\s*\}"), half("take out the comma before the }")),
    ("Invalid initial character", re.compile(r"^\s*\["), half("the name of a table is missing")),
    ("Invalid statement", re.compile(r"^\s*="), half("the key before = is missing")),
    ("Invalid statement", re.compile(r"^\s*//"), half("a remark begins with #")),
    (
        "Invalid statement",
        re.compile(r"^\s*[^\W\d_]+\s*="),
        half("a key has plain letters without accents, digits, - and _"),
    ),
)

#: What the reader says of a value, where the line may say more.
_OF_A_VALUE = ("Invalid value", "Expected newline")


_TEXT = re.compile(r'"[^"]*"')


def in_plain_words(text: str, error: str) -> tuple[int, str]:
    """The line, from 1, and what to mend there: write a date as 2026-09-01."""
    at = _AT.search(error)
    reason = error[: at.start()] if at else error
    lines = text.splitlines()
    number = _line(lines, reason, int(at[1]), int(at[2])) if at and at[1] else _left_open(lines, reason)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    bare = _TEXT.sub('""', line)  # what stands in a text is no slip
    return number, _said(reason, bare)


def _said(reason: str, line: str) -> str:
    if not reason.startswith("Cannot"):
        for sign, said in _SIGNS:
            if sign.search(line):
                return said
    for start, pattern, said in _OF_THE_LINE:
        if reason.startswith(start) and pattern.search(line):
            return said
    if reason.startswith(_OF_A_VALUE):
        for pattern, said in _VALUES:
            if pattern.search(line):
                return said
    return next((said for start, said in _SAID if reason.startswith(start)), reason)


def _line(lines: list[str], reason: str, number: int, column: int) -> int:
    """The line to mend, from 1: the one before, where only its end was missing."""
    if reason.startswith("Unclosed") and not lines[number - 1][: column - 1].strip():
        return next((n for n in range(number - 1, 0, -1) if lines[n - 1].split("#")[0].strip()), number)
    return number


def _left_open(lines: list[str], reason: str) -> int:
    """The line where a text over several lines begins that never ends; else the last line."""
    long = (n for n in range(len(lines), 0, -1) if '"""' in lines[n - 1] or "'''" in lines[n - 1])
    return next(long, len(lines)) if reason.startswith(("Unterminated", "Expected")) else len(lines)
