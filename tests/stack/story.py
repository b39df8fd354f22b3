"""The story of issue and answer: a school asks for an account, and in the end it is live.

Every step is a command as a person would type it; between the steps the story waits until the store
says that the stack has moved.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from policy.model import Policy
from tests.stack.public_site import Site, notice
from tests.stack.running import PATIENCE, Place

#: How long to wait before the next look, and at most: each look at Prefect is work for its server.
NEXT_LOOK_SECONDS, LOOK_AFTER_SECONDS = 0.1, 0.5


@dataclass(frozen=True)
class Cast:
    """Who plays: e-mail addresses of people of the sample division."""

    school: str
    teacher: str
    principal: str
    officer: str


def rows(place: Place, query: str, **values: object) -> list[dict[str, Any]]:
    """Ask the stack's store. It is asked again and again, so no engine is made for it."""
    with closing(sqlite3.connect(place.data / "steward.db", timeout=PATIENCE)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]


def until(
    place: Place,
    condition: Callable[[], Any],
    what: str,
    instead: Callable[[], Any] | None = None,
    *,
    seconds: float = PATIENCE,
) -> Any:
    """Look until the condition holds; what it gave.

    Fails when it does not within so many seconds, with what is there `instead` and the worker's last words.
    """
    ends, pause = time.monotonic() + seconds, NEXT_LOOK_SECONDS
    while not (found := condition()):
        if time.monotonic() >= ends:
            there = f"; instead: {instead()}" if instead else ""
            raise AssertionError(f"waited in vain for {what}{there}\n{place.log('worker')[-4000:]}")
        time.sleep(pause)
        pause = min(pause * 1.25, LOOK_AFTER_SECONDS)
    return found


def casts(place: Place) -> list[Cast]:
    """A cast for each school: an administrator of it, a teacher without any access, and an officer."""
    officer = rows(
        place,
        "SELECT p.email FROM role r JOIN person p ON p.id = r.person_id "
        "WHERE r.kind = 'communications officer' AND p.active ORDER BY p.id LIMIT 1",
    )[0]["email"]
    found = rows(
        place,
        """
        SELECT s.name AS school,
          (SELECT p.email FROM role r JOIN person p ON p.id = r.person_id
            WHERE r.kind = 'school administrator' AND r.school_id = s.id AND p.active AND r.ends_on IS NULL
              -- whose course lapses soon is asked to renew it, in a letter of its own
              AND NOT EXISTS (SELECT 1 FROM completion c
                WHERE c.person_id = p.id AND c.completed_on < date('now', '-200 days'))
            ORDER BY p.id LIMIT 1) AS principal,
          (SELECT p.email FROM person p
            WHERE p.school_id = s.id AND p.active AND p.kind = 'staff'
              AND p.id NOT IN (SELECT person_id FROM role) AND p.id NOT IN (SELECT person_id FROM access)
              AND p.id NOT IN (SELECT person_id FROM completion)
            ORDER BY p.id LIMIT 1) AS teacher
        FROM school s WHERE s.active AND NOT s.is_division ORDER BY s.id
        """,
    )
    return [Cast(officer=officer, **one) for one in found if one["principal"] and one["teacher"]]


class Story:
    """One request, from the first word to the live account."""

    def __init__(self, place: Place, site: Site, policy: Policy, cast: Cast, handle: str) -> None:
        self.place, self.site, self.policy, self.cast, self.handle = place, site, policy, cast, handle
        self.request = 0
        self.account = 0

    def state_of_request(self) -> str:
        """Where the request is."""
        return str(
            rows(self.place, "SELECT state FROM account_request WHERE id = :id", id=self.request)[0]["state"]
        )

    def state_of_account(self) -> str:
        """Where the account is."""
        found = rows(
            self.place,
            "SELECT a.id, a.state FROM account a JOIN account_request r ON r.account_id = a.id "
            "WHERE r.id = :id",
            id=self.request,
        )
        if not found:
            return ""
        self.account = found[0]["id"]
        return str(found[0]["state"])

    def waits(self, kind: str) -> int:
        """How many open action items of a kind are about this story's people, accesses and account."""
        return int(
            rows(
                self.place,
                """
                SELECT count(*) AS open FROM action_item i WHERE i.state = 'open' AND i.kind = :kind AND (
                  (i.subject_kind = 'request' AND i.subject_id = :request)
                  OR (i.subject_kind = 'account' AND i.subject_id = :account)
                  OR (i.subject_kind = 'access' AND i.subject_id IN
                      (SELECT id FROM access WHERE account_id = :account))
                  OR (i.subject_kind = 'person' AND i.subject_id IN
                      (SELECT person_id FROM access WHERE account_id = :account)))
                """,
                kind=kind,
                request=self.request,
                account=self.account,
            )[0]["open"]
        )

    def ask(self, *, whole: bool) -> None:
        """The teacher asks; at first without what clauses 2 and 5.4 want."""
        words = [
            *("request", "new", "--as", self.cast.teacher, "--level", "school", "--platform", "Instagram"),
            *("--handle", self.handle, "--school", self.cast.school, "--json"),
        ]
        if whole:
            words += [
                *("--purpose", "News of our school for families", "--audience", "Parents and students"),
                *("--tool", "call-out system and app", "--tool", "division or school website"),
                *("--why-not", "Families do not see pictures of school life on either of them."),
                *("--administrator", self.cast.principal, "--administrator", self.cast.teacher),
            ]
        if self.request:
            words += ["--again", str(self.request)]
        self.request = json.loads(self.place.steward(*words))["subject"]

    def wait_sent_back(self) -> None:
        """It was not complete."""
        until(self.place, lambda: self.state_of_request() == "sent back", "the request to be sent back")
        self.wait_mailed()

    def wait_decider(self) -> None:
        """It is complete, and somebody is to decide."""
        until(self.place, lambda: self.state_of_request() == "awaiting decision", "a decider to be asked")
        self.wait_mailed()

    def decide(self) -> None:
        """Communications approves."""
        words = ["decide", str(self.request), "approve", "--as", self.cast.officer]
        shown = json.loads(self.place.steward("request", "show", str(self.request), "--json"))
        words = [*words, "--revision", str(shown["revision"])]
        self.place.steward(*words, "--reason", "A clear purpose, and two people to look after it.")

    def wait_gates(self) -> None:
        """The administrators are asked for what they lack."""
        until(
            self.place, lambda: self.state_of_account() and self.waits("accept responsibility") == 2, "gates"
        )
        self.wait_mailed()

    def acknowledge(self) -> None:
        """Guidelines (5.3) and responsibility (5.6)."""
        for person in (self.cast.principal, self.cast.teacher):
            if rows(
                self.place,
                "SELECT 1 AS one FROM guideline_receipt g JOIN person p ON p.id = g.person_id "
                "WHERE p.email = :email AND g.acknowledged_at IS NULL AND g.guideline LIKE 'Social%'",
                email=person,
            ):
                self.place.steward("attest", "guidelines", "Social Media Guidelines", "--as", person)
            self.place.steward("attest", "responsibility", str(self.account), "--as", person)

    def complete(self) -> None:
        """The course (5.2), for those who do not have it."""
        until(self.place, lambda: self.waits("accept responsibility") == 0, "what was accepted to be settled")
        for person in (self.cast.principal, self.cast.teacher):
            open_item = rows(
                self.place,
                "SELECT 1 AS one FROM action_item i JOIN person p ON p.id = i.person_id "
                "WHERE p.email = :email AND i.kind = 'complete the course' AND i.state = 'open'",
                email=person,
            )
            if open_item:
                self.place.steward("complete", person, "--as", self.cast.officer, "--on", "2026-10-19")

    def wait_preparing(self) -> None:
        """Both have access: one of them creates the account."""
        until(self.place, lambda: self.state_of_account() == "preparing", "the account to be created")
        self.wait_mailed()

    def report(self, statements: list[str]) -> None:
        """The account is there; its page shows these statements."""
        page = self.site.put(self.handle.strip("@"), statements)
        words = ("attest", "created", str(self.account), "--as", self.cast.teacher, "--address", page)
        self.place.steward(*words, "--platform-id", f"id-{self.handle}", "--custodian", "--privacy", "all")

    def wait_mend(self) -> None:
        """The notice is not on the page as it must be."""
        until(self.place, lambda: self.waits("put the notice on the page") == 2, "the notice to be asked for")
        self.wait_mailed()

    def wait_live(self) -> None:
        """Every gate is met."""
        until(self.place, lambda: self.state_of_account() == "live", "the account to go live")

    def altered(self) -> list[str]:
        """The notice with one word changed."""
        text_of = notice(self.policy)
        return [one.replace("will not be permitted", "will rarely be permitted") for one in text_of]

    def go_live(self) -> None:
        """From the access that both have, without interruption."""
        self.wait_preparing()
        self.report(self.altered())
        self.wait_mend()
        self.report(notice(self.policy))
        self.wait_live()

    def wait_mailed(self) -> None:
        """Nothing that this story wrote is left in the outbox.

        Waited for after each step that asks people for something: done before its mail has left, what was
        asked for would need no mail any more.
        """
        unsent = partial(self.outbox, unsent=True)
        until(self.place, lambda: not unsent(), "the outbox to be empty", unsent)

    def outbox(self, *, unsent: bool = False) -> list[dict[str, Any]]:
        """The notices of this story: key, kind, state, whether repeated, and the person's address."""
        only = "AND n.state <> 'sent'" if unsent else ""
        return rows(
            self.place,
            f"""
            SELECT n.key, n.kind, n.state, n.uncertain, n.message_id, p.email FROM notice n
            JOIN person p ON p.id = n.person_id
            WHERE ((n.subject_kind = 'request' AND n.subject_id = :request)
               OR (n.subject_kind = 'account' AND n.subject_id = :account)
               OR (n.subject_kind = 'access' AND n.subject_id IN
                   (SELECT id FROM access WHERE account_id = :account))) {only}
            ORDER BY n.id
            """,  # noqa: S608 - no value is put into it
            request=self.request,
            account=self.account,
        )
