"""Clauses driven on the running stack by commands, and what its mail catcher got.

`python -m tests.stack.clauses` writes their table into docs/clauses.md. All that is asked goes first, then
one wait until its letters have left, then all that is answered, and one wait more: what is answered before
its letter has left would need none.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from deployments.local.mailbox import Caught
from deployments.local.mailbox import read as read_mail
from policy.model import Policy, load
from schemas.settings import ROOT
from tasks.prefect.api import NOTICE_DELIVERY
from tests.clauses.driving import said
from tests.clauses.table import PAGE
from tests.stack.public_site import site
from tests.stack.running import Place, a_stack
from tests.stack.story import rows, until

BEGIN, END = "<!-- the stack: begin -->", "<!-- the stack: end -->"
WHY = "It was talked over."


@dataclass
class People:
    """Who plays: addresses of the sample division, of one school and of the whole."""

    teacher: str
    colleague: str
    principal: str
    officer: str
    superintendent: str
    administrator: str  # of the account

    def called(self, address: str) -> str:
        """Who somebody is."""
        return next((name for name, its in vars(self).items() if its == address), "another")


@dataclass
class Stack:
    """The running stack, its people, and an account; the mails that were caught, by their ids."""

    place: Place
    people: People
    school: str
    account: int
    mails: dict[str, Caught] = field(default_factory=dict)

    def does(self, who: str, *words: object) -> int:
        """Run a command as somebody; the number of what it was about."""
        done = self.place.steward(*map(str, words), "--as", who, "--json")
        return int(json.loads(done)["subject"])

    def refused(self, who: str, *words: object) -> None:
        """Run a command that must be refused."""
        self.place.steward(*map(str, words), "--as", who, code=2)

    def value(self, table: str, column: str, number: int) -> Any:
        """What stands in a row of the store."""
        query = f"SELECT {column} FROM {table} WHERE id = :number"  # noqa: S608 - of this module
        return rows(self.place, query, number=number)[0][column]

    def read_back(self, kind: str, to: str, about: int, words: str) -> str:
        """The letter of a kind to somebody about this, from the catcher: it has reached them, so said."""
        letters = rows(
            self.place,
            "SELECT n.message_id, n.state FROM notice n JOIN person p ON p.id = n.person_id "
            "WHERE n.kind = :kind AND p.email = :to AND n.subject_id = :about ORDER BY n.id",
            kind=kind,
            to=to,
            about=about,
        )
        assert letters, f"no {kind} to {to}"
        assert letters[-1]["state"] == "sent", letters
        mail = self.mails[letters[-1]["message_id"]]
        assert to in mail.delivered_to, kind
        assert words in " ".join(mail.text.split()), f"{words!r} is not in {mail.text}"  # lines are wrapped
        return f"the mail “{kind.replace('_', ' ')}” has reached the {self.people.called(to)}: “{words}”"

    def wait_mailed(self) -> None:
        """Until every letter that may leave now has left, and what was caught is read."""

        def waiting() -> list[dict[str, Any]]:
            return rows(
                self.place,
                "SELECT kind, state FROM notice WHERE urgency <> 'low' AND state IN ('pending', 'sending')",
            )

        # what no run delivers by itself would wait for the next five minutes
        self.place.ask(lambda api: api.ask_run(NOTICE_DELIVERY))
        until(self.place, lambda: not waiting(), "the letters to leave", waiting)
        self.mails = {str(one.message["Message-ID"]): one for one in read_mail(self.place.data / "mail")}


@dataclass(frozen=True)
class Row:
    """One row: what is asked, what is answered after its letter has left, and what is read back then."""

    clauses: tuple[str, ...]
    done: str
    asks: Callable[[Stack], int]
    reads: Callable[[Stack, int], str]
    answers: Callable[[Stack, int], object] = lambda _, __: None


def _request(level: str, *more: object) -> Callable[[Stack], int]:
    def asks(on: Stack) -> int:
        words = ("request", "new", "--level", level, "--platform", "Instagram", *more)
        school = () if level == "personal" else ("--school", on.school)
        return on.does(on.people.teacher, *words, *school)

    return asks


_WHOLE = (
    *("--purpose", "News of our school for families", "--audience", "Parents and students"),
    *("--tool", "call-out system and app", "--tool", "division or school website"),
    *("--why-not", "Families do not see pictures of school life on either of them."),
)


def _administered(level: str, handle: str) -> Callable[[Stack], int]:
    def asks(on: Stack) -> int:
        named = [
            word for one in (on.people.principal, on.people.teacher) for word in ("--administrator", one)
        ]
        return _request(level, "--handle", handle, *_WHOLE, *named)(on)

    return asks


def _decided(on: Stack, request: int, who: str) -> None:
    on.refused(on.people.teacher, "decide", request, "approve", "--reason", WHY)
    revision = json.loads(on.place.steward("request", "show", str(request), "--json"))["revision"]
    on.does(who, "decide", request, "approve", "--reason", WHY, "--revision", revision)


def _leave(on: Stack, what: str, *more: str) -> int:
    words = ("leave", "ask", what, "--purpose", "A journey with the class.", "--until", "2026-11-06")
    return on.does(on.people.teacher, *words, *more)


def _texting(on: Stack) -> int:
    on.refused(
        on.people.teacher, "leave", "ask", "texting", "--purpose", "A journey.", "--until", "2026-11-06"
    )
    return _leave(on, "texting", "--circumstances", "Families can be reached on the way in no other way.")


def _state(on: Stack, table: str, number: int) -> str:
    return str(on.value(table, "state", number))


def _looked_at(on: Stack, report: int) -> None:
    on.refused(on.people.officer, "contact", "show", str(report))
    on.does(on.people.principal, "contact", "show", report)


ROWS: Sequence[Row] = (
    Row(
        ("2", "2.1", "2.2", "2.3", "2.4"),
        "A teacher asks for an account without a word on the provided tools.",
        _request("school", "--handle", "@stack.bare"),
        lambda on, it: said(
            f"the request is {_state(on, 'account_request', it)}",
            on.read_back("request_sent_back", on.people.teacher, it, "(2)"),
        ),
    ),
    Row(
        ("5",),
        "A whole request; the teacher tries to decide it, then Communications does.",
        _administered("school", "@stack.school"),
        lambda on, it: said(
            "refused to the teacher",
            f"the request is {_state(on, 'account_request', it)}",
            on.read_back("decision_wanted", on.people.officer, it, "Families do not see pictures"),
            on.read_back("request_approved", on.people.teacher, it, WHY),
        ),
        lambda on, it: _decided(on, it, on.people.officer),
    ),
    Row(
        ("6",),
        "A whole request for a classroom; the principal decides it.",
        _administered("classroom", "@stack.classroom"),
        lambda on, it: said(
            "refused to the teacher",
            f"the request is {_state(on, 'account_request', it)}",
            on.read_back("decision_wanted", on.people.principal, it, "@stack.classroom"),
            on.read_back("request_approved", on.people.teacher, it, WHY),
        ),
        lambda on, it: _decided(on, it, on.people.principal),
    ),
    Row(
        ("14",),
        "A teacher asks for an account of their own.",
        _request("personal", "--handle", "@stack.own", "--purpose", "My garden"),
        lambda on, it: said(
            f"the request is {_state(on, 'account_request', it)}",
            on.read_back("no_approval_needed", on.people.teacher, it, "@stack.own"),
        ),
    ),
    Row(
        ("3.1",),
        "A teacher asks for leave to text, without circumstances, then with them; the principal grants it.",
        _texting,
        lambda on, it: said(
            "refused without circumstances",
            f"the leave is {_state(on, 'leave', it)}",
            on.read_back("leave_wanted", on.people.principal, it, "in no other way"),
            on.read_back("leave_decided", on.people.teacher, it, WHY),
        ),
        lambda on, it: on.does(on.people.principal, "leave", "decide", it, "grant", "--reason", WHY),
    ),
    Row(
        ("14.11",),
        "A teacher asks for leave to use the logo; Communications refuses it.",
        lambda on: _leave(on, "logos-and-addresses"),
        lambda on, it: said(
            f"the leave is {_state(on, 'leave', it)}",
            on.read_back("leave_wanted", on.people.officer, it, "A journey with the class."),
            on.read_back("leave_decided", on.people.teacher, it, WHY),
        ),
        lambda on, it: on.does(on.people.officer, "leave", "decide", it, "refuse", "--reason", WHY),
    ),
    Row(
        ("10",),
        "A colleague reports a picture; Communications takes it on, and the person is asked.",
        lambda on: on.does(
            on.people.colleague,
            *("incident", "report", "--rule", "AP 170", "--tells", "A picture shows names."),
            *("--person", on.people.administrator, "--account", on.account),
        ),
        lambda on, it: said(
            f"the report is {_state(on, 'incident', it)}",
            on.read_back("report_to_take_on", on.people.officer, it, "A picture shows names."),
            on.read_back("heard_on_report", on.people.administrator, it, "A picture shows names."),
        ),
        lambda on, it: on.does(on.people.officer, "incident", "take-on", it),
    ),
    Row(
        ("12",),
        "A question of the public is noted at a live account; who administers it answers.",
        lambda on: on.does(
            on.people.colleague, "enquiry", "log", on.account, "--asks", "When is the concert?"
        ),
        lambda on, it: said(
            f"it ended as {on.value('enquiry', 'ended_as', it)}",
            on.read_back("enquiry_waits", on.people.administrator, on.account, "When is the concert?"),
        ),
        lambda on, it: on.does(on.people.administrator, "enquiry", "answer", it, "--how", "in public"),
    ),
    Row(
        ("12.3",),
        "Something misleading is reported; Communications puts it right.",
        lambda on: on.does(on.people.colleague, "correction", "report", "--says", "The term begins at ten."),
        lambda on, it: said(
            f"it ended as {on.value('correction', 'ended_as', it)}",
            on.read_back("correction_wanted", on.people.officer, it, "The term begins at ten."),
        ),
        lambda on, it: on.does(
            on.people.officer, "correction", "done", it, "--outcome", "It begins at nine."
        ),
    ),
    Row(
        ("14.8",),
        "A teacher shares an attempt; Communications may not look, the principal does.",
        lambda on: on.does(on.people.teacher, "contact", "report", "--says", "A message in private."),
        lambda on, it: said(
            "refused to Communications",
            "seen" if on.value("contact_report", "seen_at", it) else "not seen",
            on.read_back("contact_shared", on.people.principal, it, "shared"),
        ),
        _looked_at,
    ),
    Row(
        ("5.1",),
        "A page that nobody approved is reported; the principal is asked what becomes of it.",
        lambda on: on.does(
            on.people.colleague, *("page", "report", "https://unknown.example.org/", "--school", on.school)
        ),
        lambda on, it: said(
            on.read_back("page_to_settle", on.people.principal, it, "https://unknown.example.org/")
        ),
    ),
)


def the_people(place: Place) -> tuple[People, str, int]:
    """Who plays, their school, and a live account with two administrators; none who has a part in a story."""
    offices = {
        one["kind"]: one["email"]
        for one in rows(
            place,
            "SELECT r.kind, p.email FROM role r JOIN person p ON p.id = r.person_id "
            "WHERE r.school_id IS NULL AND p.active ORDER BY p.id DESC",
        )
    }
    (account,) = rows(
        place,
        "SELECT a.id, min(p.email) AS administrator, s.name AS school, s.id AS school_id FROM account a "
        "JOIN access x ON x.account_id = a.id AND x.state = 'granted' AND x.role = 'administrator' "
        "JOIN person p ON p.id = x.person_id AND p.active JOIN school s ON s.id = a.school_id "
        "WHERE a.state = 'live' AND a.level = 'school' AND p.id NOT IN (SELECT person_id FROM role) "
        "GROUP BY a.id, s.name, s.id ORDER BY a.id DESC LIMIT 1",
    )
    (principal,) = rows(
        place,
        "SELECT p.email FROM role r JOIN person p ON p.id = r.person_id "
        "WHERE r.school_id = :school AND p.active AND r.kind = 'school administrator' "
        "AND r.ends_on IS NULL ORDER BY p.id LIMIT 1",
        school=account["school_id"],
    )
    teachers = rows(
        place,
        "SELECT email FROM person WHERE school_id = :school AND active AND kind = 'staff' "
        "AND id NOT IN (SELECT person_id FROM role) AND id NOT IN (SELECT person_id FROM access) "
        "ORDER BY id DESC LIMIT 2",
        school=account["school_id"],
    )
    teacher, colleague = (one["email"] for one in teachers)
    people = People(
        teacher,
        colleague,
        principal["email"],
        offices["communications officer"],
        offices["superintendent"],
        account["administrator"],
    )
    return people, account["school"], account["id"]


def drive(place: Place) -> list[str]:
    """What the store and the catcher said after each row."""
    people, school, account = the_people(place)
    on = Stack(place, people, school, account)
    numbers = [one.asks(on) for one in ROWS]
    requests = [number for one, number in zip(ROWS, numbers, strict=True) if one.done.startswith("A whole")]
    until(
        place,
        lambda: all(_state(on, "account_request", one) == "awaiting decision" for one in requests),
        "the requests to be looked at",
    )
    on.wait_mailed()
    for one, number in zip(ROWS, numbers, strict=True):
        one.answers(on, number)
    until(
        place,
        lambda: all(_state(on, "account_request", one) == "approved" for one in requests),
        "the decisions to count",
    )
    until(
        place,
        lambda: not rows(place, "SELECT id FROM account_request WHERE state = 'submitted'"),
        "every request to be looked at",
    )
    on.wait_mailed()
    return [one.reads(on, number) for one, number in zip(ROWS, numbers, strict=True)]


def written(text: str, policy: Policy, found: Sequence[str]) -> str:
    """The page of docs/ with the table as it is now."""
    titles = {clause.id: clause.title for clause in policy.clauses}
    lines = [
        "| clause | | what was done | what the store and the mail catcher then said |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {', '.join(one.clauses)} | {titles[one.clauses[0]]} | {one.done} | {said_of} |"
        for one, said_of in zip(ROWS, found, strict=True)
    ]
    table = "\n".join(lines)
    return f"{text.partition(BEGIN)[0]}{BEGIN}\n\n{table}\n\n{END}{text.partition(END)[2]}"


def _write() -> None:
    with site() as public, a_stack(public) as ups:
        found = drive(ups[0].place)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(written(page, load(ROOT / "policy" / "ap151.toml"), found), encoding="utf-8")


if __name__ == "__main__":
    _write()
