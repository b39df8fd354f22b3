"""What an error says, in the words of the pages: labels instead of options, pages instead of commands.

The sentences are written for a terminal, where most of those who meet them sit. On a page they name what is
on pages.
"""

import re
from collections.abc import Mapping
from functools import cache

from schemas.errors import StewardError
from schemas.forms import ActForm, OnCommand
from tasks.acts.table import ACTS

#: Where a page shows what a command lists.
_PAGES: Mapping[str, str] = {
    "account list": "“What you look after” on your own page",
    "account show": "the account's page",
    "account stops": "“Stopped accounts”",
    "account why": "the account's page",
    "absences": "“When you are away”",
    "audit list": "“Who did what”",
    "audit verify": "“Who did what”",
    "clauses": "“Each clause, with its figures”",
    "import unmatched": "“Rows of files that fit nobody” in “What waits”",
    "import roster": "“Take a file in”",
    "mail list": "“Letters that could not leave” in “What waits”",
    "policy check": "“The policy file”",
    "policy diff": "“The policy file”",
    "policy list": "“The policy file”",
    "policy try": "“The policy file”",
    "request show": "the request's page",
    "schools": "the list of schools",
}
_COMMAND = re.compile(r"`steward ([^`]+)`")
_OPTION = re.compile(r"(--[a-z][a-z-]*[a-z])(?:/--[a-z-]+)?(?= (['\d])?|)")


@cache
def _commands() -> Mapping[str, str]:
    """What a command is called on the pages, the longest commands first."""
    named = {entry.command: f"“{name.replace('-', ' ').capitalize()}”" for name, entry in ACTS.items()}
    every = {**named, **_PAGES}
    return {one: every[one] for one in sorted(every, key=len, reverse=True)}


@cache
def _labels(form: type[ActForm]) -> Mapping[str, str]:
    """What each option of a form's command is called on its page."""
    found = {}
    for name, field in form.model_fields.items():
        said = next((one.option for one in field.metadata if isinstance(one, OnCommand)), "")
        for option in (said or f"--{name.replace('_', '-')}").split("/"):
            found[option] = f"“{field.title}”"
    return found


def in_page_words(error: StewardError, form: type[ActForm] | None = None) -> str:
    """The error's sentence for who reads a page. `form`: what was filled in, whose options have labels."""
    return on_page(error.shown, form)


def on_page(sentence: str, form: type[ActForm] | None = None) -> str:
    """The same for a sentence that stands by itself."""
    labels = _labels(form) if form is not None else {}

    def command(found: re.Match[str]) -> str:
        words = found[1]
        return next(
            (said for one, said in _commands().items() if words == one or words.startswith(f"{one} ")),
            found[0],
        )

    def option(found: re.Match[str]) -> str:
        label = labels.get(found[1])
        return found[0] if label is None else f"{label}:" if found[2] else label

    return _OPTION.sub(option, _COMMAND.sub(command, sentence))
