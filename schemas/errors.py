"""Every error Steward raises on purpose. Each message is one sentence that says what to do next.

No message carries a name, an address or anything secret: messages reach logs and the Prefect UI.
Where the person at the terminal needs them, `shown` has them: commands print `shown` on standard error,
and only commands. `exit_code` is 2 for bad input and 1 for the rest. Errors of files quote the value that
can't be used: files are taken in by commands only.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StewardError(Exception):
    """The root of them all. `str()` of it is for logs and Prefect, `shown` for the terminal.

    `fields`: where it is about fields of a form, what is wrong with each, by the field's name.
    """

    exit_code = 1

    def __init__(
        self, said: str = "", *, shown: str | None = None, fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(said)
        self._shown = shown
        self.fields: Mapping[str, str] = fields or {}

    @property
    def shown(self) -> str:
        """The sentence for the person at the terminal; it may name people and addresses."""
        return self._shown or str(self)


@contextmanager
def about_field(name: str) -> Iterator[None]:
    """What is raised within is about this field of the form, unless it says which itself."""
    try:
        yield
    except StewardError as error:
        error.fields = error.fields or {name: error.shown}
        raise


class BadInput(StewardError):
    """Something that was given to us can't be used; nothing was changed."""

    exit_code = 2


@dataclass(frozen=True)
class Place:
    """Where in a file the trouble is. Lines and columns count from 1; `column` is the header's name."""

    file: str
    line: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        if self.value is not None:
            shown = self.value if len(self.value) <= 60 else self.value[:57] + "…"  # noqa: PLR2004
            parts.append(f"value {shown!r}")
        return ", ".join(parts)


class BadFile(BadInput):
    """A file can't be read as what it should be. Says where: file, line, column, value."""

    def __init__(self, what: str, place: Place) -> None:
        super().__init__(f"{place}: {what}")
        self.place = place


class BadRows(BadInput):
    """Rows of a file that can't be used: all of them at once, so that they are mended in one go.

    `count` is how many there are where only the first of them are given. `secret`: what looks like a password
    is among them, so that no copy of the file is kept.
    """

    def __init__(
        self, problems: Sequence[BadFile], count: int | None = None, *, secret: bool = False
    ) -> None:
        count = count or len(problems)
        rows = "1 value" if count == 1 else f"{count} values"
        said = "\n".join(f"  {problem}" for problem in problems)
        if count > len(problems):
            said += f"\n  and {count - len(problems)} more"
        super().__init__(
            f"{rows} can't be used; mend the file and import it again, nothing was changed:\n{said}"
        )
        self.problems = tuple(problems)
        self.secret = secret


@dataclass(frozen=True)
class Slip:
    """What is wrong at one line of the policy file: its key with the value, and the end of a sentence."""

    line: int
    key: str  # empty where the line itself can't be read
    said: str


class BadPolicy(BadInput):
    """The policy file is not usable; the message names the key and the reason.

    `slips`: what is wrong with it line by line, and `file` its name without a path; none and empty where it
    is not about lines.
    """

    def __init__(self, said: str, slips: Sequence[Slip] = (), file: str = "") -> None:
        super().__init__(said)
        self.slips, self.file = tuple(slips), file


class BadSettings(BadInput):
    """A setting has a value that can't be used; the message names it."""


class LooksLikeASecret(BadInput):
    """A free-text field holds what looks like a password. Steward keeps vault references only."""


class Unknown(BadInput):
    """A person, school, request, account or item that the store does not have."""


class NotAllowed(BadInput):
    """This person may not do that: the message names the clause and who may."""


class OnlyOthers(NotAllowed):
    """An act is others' to do. `who`: half a sentence for each of them; `clauses`: in brackets, or empty."""

    def __init__(self, who: Sequence[str], does: str, clauses: str = "") -> None:
        super().__init__(f"Only {' or '.join(who)} {does}{clauses}.")
        self.who, self.does, self.clauses = tuple(who), does, clauses


class AlreadyDone(BadInput):
    """It was done before, by the same words; nothing was changed."""


class NotNow(BadInput):
    """The subject is in a state in which this can't be done; the message names the state."""


class ChangedMeanwhile(NotNow):
    """It is not any more what the person read; the message says what to read again."""


class MovedMeanwhile(NotNow):
    """Somebody else was first. `by_id` is the person (None: Steward), `state` where the subject is now."""

    def __init__(self, what: str, *, by_id: int | None, at: datetime, state: StrEnum) -> None:
        super().__init__(what)
        self.by_id, self.at, self.state = by_id, at, state

    def name(self, who: str) -> None:
        """Say at the terminal who it was."""
        self._shown = f"{self} It was {who}."


class IllegalTransition(StewardError):
    """Code asked for a transition that the table of legal ones does not have: a defect of ours."""


class PageRefused(StewardError):
    """A page was not fetched because its address, size or form is not allowed."""


class MailRefused(StewardError):
    """A message was refused by us at the door, or by the mail server for good."""


class StoreUnavailable(StewardError):
    """The store can't be reached or written; nothing of this call was kept."""


class NotPrepared(StoreUnavailable):
    """The store is there and has no tables yet."""


class ChainBroken(StewardError):
    """The audit chain does not verify; the message names the first entry that does not fit."""


class ClockWentBack(StewardError):
    """This machine's clock is behind the audit chain; nothing of this call was kept."""
