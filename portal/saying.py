"""What an error says, in the words of the pages: labels instead of options, pages instead of commands.

The sentences are written for a terminal, where most of those who meet them sit. On a page they name what is
on pages.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from portal.naming import LABELS
from schemas.errors import OnlyOthers, StewardError
from schemas.forms import ActForm, OnCommand
from schemas.language import days_written, later, said, spoken, t
from tasks.acts.table import ACTS, titled

#: Where a page shows what a command lists.
_PAGES: Mapping[str, str] = {
    "account list": later("“What you look after” on your own page"),
    "account show": later("the account's page"),
    "account stops": later("“Stopped accounts”"),
    "account why": later("the account's page"),
    "absences": later("“When you are away”"),
    "audit list": later("“Who did what”"),
    "audit verify": later("“Who did what”"),
    "control list": later("“Each clause, with its figures”"),
    "clauses": later("“Each clause, with its figures”"),
    "import unmatched": later("“Rows of files that fit nobody” in “What waits”"),
    "import roster": later("“Take a file in”"),
    "mail list": later("“Letters that could not leave” in “What waits”"),
    "policy check": later("“The policy file”"),
    "policy diff": later("“The policy file”"),
    "policy list": later("“The policy file”"),
    "policy try": later("“The policy file”"),
    "request show": later("the request's page"),
    "schools": later("the list of schools"),
}
_COMMAND = re.compile(r"`steward ([^`]+)`")
#: Where a file that somebody brought is kept on this machine: they know it by its name.
_KEPT_HERE = re.compile(r"(?<![^\s“\"'(])/(?:[^\n]*?/)?uploads/\d+/[0-9a-f]{64}/(?:files/)?")
_OPTION = re.compile(r"(--[a-z][a-z-]*[a-z])(?:/--[a-z-]+)?(?= (['\d])?|)")


@cache
def _commands(_language: str) -> Mapping[str, str]:
    """What a command is called on the pages in the language spoken, the longest commands first."""
    named = {entry.command: t("“{words}”", words=t(titled(name))) for name, entry in ACTS.items()}
    every = {**named, **{command: t(page) for command, page in _PAGES.items()}}
    return {one: every[one] for one in sorted(every, key=len, reverse=True)}


@cache
def _labels(form: type[ActForm], _language: str) -> Mapping[str, str]:
    """What each option of a form's command is called on its page."""
    found = {}
    for name, field in form.model_fields.items():
        named = next((one.option for one in field.metadata if isinstance(one, OnCommand)), "")
        for option in (named or f"--{name.replace('_', '-')}").split("/"):
            found[option] = t("“{words}”", words=t(LABELS.get(name) or field.title or name))
    return found


def in_page_words(error: StewardError, form: type[ActForm] | None = None) -> str:
    """The error's sentence for who reads a page. `form`: what was filled in, whose options have labels."""
    if isinstance(error, OnlyOthers):
        who, does = _each(error.who), t(error.does)
        return t("Only {who} {does}{clauses}.", who=who, does=does, clauses=error.clauses)
    return on_page(error.shown, form)


def who_may(parts: Sequence[str]) -> str:
    """Each who may do something, as it ends a sentence: without the comma after which a refusal goes on."""
    return _each(parts).rstrip(",")


def _each(parts: Sequence[str]) -> str:
    return t(" or ").join(said(one) for one in parts)


def on_page(sentence: str, form: type[ActForm] | None = None) -> str:
    """The same for a sentence that stands by itself; its days are written as on every page."""
    labels = _labels(form, spoken()) if form is not None else {}

    def command(found: re.Match[str]) -> str:
        words = found[1]
        return next(
            (
                page
                for one, page in _commands(spoken()).items()
                if words == one or words.startswith(f"{one} ")
            ),
            found[0],
        )

    def option(found: re.Match[str]) -> str:
        label = labels.get(found[1])
        return found[0] if label is None else f"{label}:" if found[2] else label

    spoken_here = _COMMAND.sub(command, said(_KEPT_HERE.sub("", sentence)))
    return days_written(_OPTION.sub(option, spoken_here))
