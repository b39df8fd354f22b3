"""The table of docs/letters.md: every notice, who gets it, when, why, what stops it, and its subject.

`python -m tests.mail.letter_table` writes it, from the classes and their usual case.
"""

import inspect

from policy.model import Policy, load
from policy.notices import KINDS, NoticeKind
from schemas.notices import Urgency
from schemas.settings import ROOT
from tasks.mail.mime import sender_of
from tasks.mail.writing import entry
from tests.mail.mail_cases import CASES, context

PAGE, BEGIN, END = ROOT / "docs" / "letters.md", "<!-- the table: begin -->", "<!-- the table: end -->"
SENDER = sender_of("Steward <steward@example.org>", "communications@example.org")
WHEN = {Urgency.URGENT: "at once", Urgency.NORMAL: "in working hours", Urgency.LOW: "in the digest"}


def _first(of: object) -> str:
    """The first sentence of a docstring, in one line."""
    paragraph = " ".join((inspect.getdoc(of) or "").partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".")


def who_and_why(kind: type[NoticeKind]) -> tuple[str, str]:
    """Whom it is for, and what it says: the first line of its class."""
    who, _, why = _first(kind).removeprefix("To ").partition(":")
    return who, why.strip()


def stops(kind: type[NoticeKind]) -> str:
    """What keeps it from leaving, where it has not left yet."""
    if kind.stale is not NoticeKind.stale:
        return _first(kind.stale)
    asked = CASES[kind][2].wanted()
    if asked and not kind.is_news:
        return f"“{'”, “'.join(asked)}” is done or dropped"
    return "nothing: it is news"


def row(kind: type[NoticeKind], policy: Policy) -> str:
    """One line of the table."""
    made = entry(context(kind, policy), SENDER)
    who, why = who_and_why(kind)
    cells = (kind.kind.replace("_", " "), who, WHEN[kind.urgency], why, stops(kind), made.subject)
    return f"| {' | '.join(cell.replace('|', ' ') for cell in cells)} |"


def table(policy: Policy) -> str:
    """The whole table."""
    head = ["| notice | to | leaves | says | what stops it | subject |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *(row(kind, policy) for kind in KINDS.values())])


def written(text: str, policy: Policy) -> str:
    """The page of docs/ with the table as it is now."""
    return f"{text.partition(BEGIN)[0]}{BEGIN}\n\n{table(policy)}\n\n{END}{text.partition(END)[2]}"


if __name__ == "__main__":
    shipped = load(ROOT / "policy" / "ap151.toml")
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), shipped), encoding="utf-8")
