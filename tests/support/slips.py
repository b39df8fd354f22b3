"""Slips of sentences that code puts together: people read days in words, and parts that fit."""

import re

#: Within a sentence: after one space. In a table, two stand between the columns; a listed pair is quoted.
_DAY = re.compile(r"(?<=[^\s·] )\d{4}-\d\d-\d\d\b(?!T)")
#: How a day is typed is shown as it is typed.
_EXAMPLE = re.compile(r"(?:\bas|\bwritten|\bwrite it|\bzone:|\bpolicy:) \d{4}-\d\d-\d\d", re.IGNORECASE)
#: Two ends of a sentence, or the many where there is one.
_ENDS = re.compile(r"[,;:]\.(?!\w)|\.[,;](?=\s)| ,(?=\s)")
_ONE = re.compile(
    r"(?<![\d.,/:])(?<![a-z] )\b1 (?:are|have|do|wait|people|others|accounts|rows|days|items|steps|runs)\b"
)
#: A sentence that begins with a small letter.
_SMALL = re.compile(r"[a-z)”]{3}[.!?] (?!steward|https?:|e\.g|[\w ]+:)[a-z]{2}")


def unwritten_days(words: str) -> list[str]:
    """Each such day with what stands before it."""
    return _all(_DAY, _EXAMPLE.sub("", words))


def slips(words: str) -> list[str]:
    """Each slip in a text that people read, with what stands around it."""
    return [*unwritten_days(words), *(slip for one in (_ENDS, _ONE, _SMALL) for slip in _all(one, words))]


def _all(what: re.Pattern[str], words: str) -> list[str]:
    return [words[max(0, found.start() - 40) : found.end() + 10] for found in what.finditer(words)]
