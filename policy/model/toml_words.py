"""The errors of the TOML reader in plain words."""

import re

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

_TYPOGRAPHIC = re.compile(r"[\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019]")

#: What is often on a line that can't be read, and what to write there.
_SLIPS = (
    (
        re.compile(r"[\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019]"),
        'these are typographic quotes; write straight ones: "…"',
    ),
    (re.compile(r"=\s*-?\d+,\d+\s*(?:#.*)?$"), "write a decimal point: 0.2"),
    (re.compile(r"=\s*\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"), "write a date as 2026-09-01"),
    (re.compile(r"=\s*\d{4}-\d{1,2}-\d{1,2}\b"), "write a date as 2026-09-01"),
    (re.compile(r"=\s*\d{1,2}:\d{2}\b"), "write a time of day as 08:15:00"),
    (re.compile(r"=\s*(?:True|False|Yes|No|yes|no)\b"), "write true or false, in small letters"),
    (re.compile(r"=\s*0\d"), "a number must not begin with 0"),
    (re.compile(r"=\s*[A-Za-z]"), 'put a text in straight quotes: "…"'),
    (re.compile(r"=\s*(?:#.*)?$"), "a value is missing after ="),
)

#: What the reader says, and what that means.
_SAID = (
    ("Cannot overwrite a value", "this key stands here twice"),
    ("Cannot declare", "this table stands here twice"),
    ("Unclosed array", "a comma or the closing ] of a list is missing"),
    ("Illegal character '\\n'", "the closing quote of a text is missing"),
    ("Unescaped '\\'", "write a backslash twice, or put the text in 'single quotes'"),
    ("Expected ']'", "the closing ] of a table's name is missing"),
    ("Expected '=' after a key", "an = is missing after a key; a key is one word"),
    ("Invalid initial character for a key part", "a table in { } must stand on one line"),
    ("Invalid statement", "this is neither a [table] nor a key = value"),
    ("Expected newline", "there is more on this line than one value"),
)


def in_plain_words(text: str, error: str) -> str:
    """What to mend, with the line: "line 12: write a date as 2026-09-01"."""
    at = _AT.search(error)
    reason = error[: at.start()] if at else error
    lines = text.splitlines()
    number = int(at[1]) if at and at[1] else len(lines)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    said = next((words for start, words in _SAID if reason.startswith(start)), reason)
    if reason.startswith(("Invalid value", "Expected newline", "Illegal character")):
        said = next((words for slip, words in _SLIPS if slip.search(line)), said)
    return f"line {number}: {said}"
