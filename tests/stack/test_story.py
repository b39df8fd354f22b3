"""The whole story on the real stack: server, worker, mail, store; a burst; and deaths of the worker."""

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import cast

import psutil
import pytest

from deployments.local.mailbox import read as read_mail
from policy.model import Policy
from tasks.prefect.api import PrefectApi, Run
from tests.stack.public_site import Site
from tests.stack.running import Place, Up
from tests.stack.story import Cast, Story, casts, rows, until
from tests.support.rules import the_notice


@pytest.fixture(scope="module")
def home(stack: Place) -> Place:
    """Where the stories play."""
    return stack


@pytest.fixture(scope="module")
def people(home: Place) -> Iterator[Cast]:
    """A cast for each story, never the same people twice."""
    return iter(casts(home))


def audit_states(home: Place, kind: str, number: int) -> list[str]:
    """Where a subject went, by the audit chain."""
    found = rows(
        home,
        "SELECT to_state FROM audit_entry WHERE subject_kind = :kind AND subject_id = :number "
        "AND to_state IS NOT NULL ORDER BY seq",
        kind=kind,
        number=number,
    )
    return [one["to_state"] for one in found]


def check_end(home: Place, story: Story) -> None:
    """The same end, whatever happened on the way: states, one notice a person and cause, all mailed."""
    story.wait_mailed()
    assert audit_states(home, "request", story.request) == [
        "submitted",
        "sent back",
        "submitted",
        "awaiting decision",
        "approved",
    ]
    assert audit_states(home, "account", story.account) == ["approved", "preparing", "live"]
    for access in rows(home, "SELECT id, version FROM access WHERE account_id = :id", id=story.account):
        assert audit_states(home, "access", access["id"]) == ["waiting", "granted"]
        assert access["version"] == 2
    outbox = story.outbox()
    assert {one["state"] for one in outbox} == {"sent"}
    assert Counter((one["kind"], one["email"]) for one in outbox) == Counter(
        {
            ("request_sent_back", story.cast.teacher): 1,
            ("request_approved", story.cast.teacher): 1,
            ("gates_open", story.cast.teacher): 1,
            ("gates_open", story.cast.principal): 1,
            ("access_granted", story.cast.teacher): 1,
            ("access_granted", story.cast.principal): 1,
            ("create_the_account", story.cast.teacher): 1,
            ("mend_the_notice", story.cast.teacher): 1,
            ("mend_the_notice", story.cast.principal): 1,
            ("account_live", story.cast.teacher): 1,
            ("account_live", story.cast.principal): 1,
            **{
                (kind, one["email"]): 1
                for kind in ("decision_wanted", "account_live")
                for one in outbox
                if one["kind"] == kind and one["email"] not in (story.cast.teacher, story.cast.principal)
            },
        }
    )
    assert ("decision_wanted", story.cast.officer) in {(one["kind"], one["email"]) for one in outbox}
    copies = Counter(str(one.message["Message-ID"]) for one in read_mail(home.data / "mail"))
    marked = {one["message_id"] for one in outbox if one["uncertain"]}
    for one in outbox:
        assert copies[one["message_id"]] >= 1, one["key"]
        assert copies[one["message_id"]] == 1 or one["message_id"] in marked, one["key"]
    assert "steward" not in home.steward("audit", "verify").lower()[:7]


def test_a_school_account_from_request_to_live(
    home: Place, public: Site, policy: Policy, people: Iterator[Cast]
) -> None:
    """At the terminal and by the run forms, and back: the same story."""
    story = Story(home, public, policy, next(people), "@story.first")

    story.ask(whole=False)
    story.wait_sent_back()
    by_form(home, "ask-for-an-account", **whole_request(story))
    story.wait_decider()
    what_arrived_says_what_to_do(home, story)
    their_own_is_not_decided_by(home, story, story.cast.teacher, story.cast.principal)
    read = {"request": story.request, "revision": 2}
    reason = {**read, "verdict": "approve", "reason": "A clear purpose."}
    refused = by_form(home, "decide-a-request", actor=story.cast.teacher, **reason)
    assert (refused.state_name, "Not recorded" in str(refused.message)) == ("Completed", True)
    assert story.state_of_request() == "awaiting decision"
    by_form(home, "decide-a-request", actor=story.cast.officer, **reason)
    assert story.state_of_request() == "approved"
    story.wait_gates()
    story.acknowledge()
    saw = {"person": story.cast.teacher, "completed_on": "2026-10-18"}
    by_form(home, "record-a-completion", actor=story.cast.officer, **saw)
    story.complete()
    story.go_live()

    check_end(home, story)
    vias = rows(
        home,
        "SELECT recorded_via AS via FROM decision WHERE request_id = :id "
        "UNION ALL SELECT c.recorded_via FROM completion c JOIN person p ON p.id = c.person_id "
        "WHERE p.email = :teacher",
        id=story.request,
        teacher=story.cast.teacher,
    )
    assert [one["via"] for one in vias] == ["Prefect run form"] * 2


def whole_request(story: Story) -> Mapping[str, object]:
    """What the teacher fills into the form, the second time."""
    return {
        "actor": story.cast.teacher,
        "level": "school",
        "channel": "social media account",
        "platform": "Instagram",
        "handle": story.handle,
        "school": story.cast.school,
        "purpose": "News of our school for families",
        "audience": "Parents and students",
        "tools_considered": ["call-out system and app", "division or school website"],
        "why_not": "Families do not see pictures of school life on either of them.",
        "administrators": [story.cast.principal, story.cast.teacher],
        "custody": "personal administrators",
        "again": story.request,
    }


def what_arrived_says_what_to_do(home: Place, story: Story) -> None:
    """Who asks hears once what is missing, and who decides hears once why it is asked for."""
    letters = [
        one
        for one in read_mail(home.data / "mail")
        if story.handle in one.text and one.message["Auto-Submitted"]
    ]
    (to_teacher,) = [one for one in letters if story.cast.teacher in one.delivered_to]
    (to_officer,) = [one for one in letters if story.cast.officer in one.delivered_to]
    assert "(5.4)" in to_teacher.text
    assert "(2)" in to_teacher.text
    assert "Families do not see pictures" in to_officer.text


def their_own_is_not_decided_by(home: Place, story: Story, *people: str) -> None:
    """At the terminal, nobody approves what they ask for or what is to be theirs."""
    for person in people:
        home.steward("decide", str(story.request), "approve", "--as", person, "--reason", "Mine.", code=2)
    assert story.state_of_request() == "awaiting decision"


def by_form(home: Place, form: str, **parameters: object) -> Run:
    """Fill in a run form as the Prefect UI does, and wait for the run's end."""

    async def ask(api: PrefectApi) -> Run:
        return await api.ask_run(form, parameters=parameters)

    run = home.ask(ask)

    def ended() -> Run | None:
        now: Run = home.ask(lambda api: api.run(run.id))
        return now if now.ended else None

    return cast("Run", until(home, ended, f"the form {form} to be recorded"))


def test_a_password_typed_into_a_run_form_stays_nowhere(home: Place, people: Iterator[Cast]) -> None:
    canary = "kAn4ry!Bird-Sings7"
    cast_of = next(people)
    asked = {
        "actor": cast_of.teacher,
        "level": "personal",
        "channel": "social media account",
        "platform": "Instagram",
        "handle": "@story.secret",
        "purpose": f"The password is {canary}",
    }

    run = by_form(home, "ask-for-an-account", **asked)

    assert (run.state_name, "Not recorded" in str(run.message)) == ("Completed", True)
    assert canary not in str(run.message)
    assert canary not in json.dumps(home.ask(lambda api: api.call("GET", f"flow_runs/{run.id}")))
    logs = home.ask(
        lambda api: api.call("POST", "logs/filter", {"logs": {"flow_run_id": {"any_": [run.id]}}})
    )
    assert canary not in json.dumps(logs)
    for path in home.data.rglob("*"):
        if path.is_file() and "postgres" not in path.parts:
            assert canary.encode() not in path.read_bytes(), path


def test_a_burst_of_300_completions_with_a_sweep_and_five_decisions(
    home: Place, public: Site, policy: Policy, people: Iterator[Cast], tmp_path: Path
) -> None:
    """Nothing lost, nothing doubled, every decision answered, in a handful of runs."""
    stories = [Story(home, public, policy, next(people), f"@burst.{number}") for number in range(5)]
    for story in stories:
        story.ask(whole=True)
    for story in stories:
        story.wait_decider()
    staff = rows(home, "SELECT email, given_name, family_name FROM person WHERE active ORDER BY id LIMIT 300")
    assert len(staff) == 300
    report = tmp_path / "completion-Focus_on_Privacy.csv"
    lines = [
        f'{number},"{one["given_name"]} {one["family_name"]}",{one["email"]},2026-10-19 15:00:00'
        for number, one in enumerate(staff, start=1)
    ]
    report.write_text("\n".join(["ID,Name,Email address,Course complete", *lines]) + "\n")
    before = home.ask(lambda api: api.call("POST", "flow_runs/count", {}))

    with ThreadPoolExecutor(7) as pool:
        imported = pool.submit(
            home.steward, "import", "training", str(report), "--as", stories[0].cast.officer, "--json"
        )
        swept = pool.submit(home.steward, "sweep")
        list(pool.map(Story.decide, stories))
        imported.result()
        swept.result()

    until(
        home,
        lambda: not rows(home, "SELECT 1 AS one FROM wake WHERE state <> 'done' LIMIT 1"),
        "every wake-up to be done",
    )
    runs = home.ask(lambda api: api.call("POST", "flow_runs/count", {})) - before
    assert (
        rows(
            home,
            "SELECT count(*) AS n FROM completion WHERE completed_on = '2026-10-19' AND voided_at IS NULL",
        )[0]["n"]
        >= 300
    )
    assert {story.state_of_request() for story in stories} == {"approved"}
    assert runs < 30
    doubled = rows(home, "SELECT key, count(*) AS n FROM notice GROUP BY key HAVING count(*) > 1")
    assert doubled == []
    home.steward("audit", "verify")


def kill_worker(home: Place) -> None:
    """kill -9 of the worker and of the runs it has."""
    worker = psutil.Process(home.facts["pids"]["worker"])
    for process in (worker, *worker.children(recursive=True)):
        process.send_signal(signal.SIGKILL)


def begun(home: Place, lifecycle: str, since: int) -> bool:
    """Whether a run of this lifecycle has begun since there were so many."""
    return count(home, lifecycle) > since


def count(home: Place, lifecycle: str) -> int:
    """How many runs of this lifecycle have begun."""
    asked = {
        "deployments": {"name": {"any_": [lifecycle]}},
        "flow_runs": {"state": {"type": {"any_": ["RUNNING", "COMPLETED"]}}},
    }
    return int(home.ask(lambda api: api.call("POST", "flow_runs/count", asked)))


@pytest.mark.timeout(3600)  # so many starts of the worker, and what it had to do
def test_deaths_of_the_worker_change_nothing_in_the_end(
    home: Place,
    public: Site,
    policy: Policy,
    people: Iterator[Cast],
    running: list[Up],
    pytestconfig: pytest.Config,
) -> None:
    """kill -9 while the request is checked, access is granted, and the account goes live.

    Before a release also while the gates are asked, and while the page is looked at.
    """
    story = Story(home, public, policy, next(people), "@story.deaths")

    def prepare() -> None:
        story.acknowledge()
        story.complete()

    steps: list[tuple[Callable[[], object], str, list[Callable[[], object]]]] = [
        (
            lambda: story.ask(whole=False),
            "account-creation",
            [story.wait_sent_back, lambda: story.ask(whole=True), story.wait_decider],
        ),
        (story.decide, "training-gate", [story.wait_gates]),
        (prepare, "training-gate", [story.wait_preparing]),
        (lambda: story.report(story.altered()), "disclaimer-verification", [story.wait_mend]),
        (
            lambda: story.report([one.text for one in the_notice(policy).statements]),
            "account-creation",
            [story.wait_live],
        ),
    ]
    each = pytestconfig.getoption("release")
    for number, (act, lifecycle, waits) in enumerate(steps):
        since = count(home, lifecycle)
        act()
        if each or number % 2 == 0:
            until(home, partial(begun, home, lifecycle, since), f"{lifecycle} to begin")
            kill_worker(home)
            running[-1].until("worker runs again")
        for wait in waits:
            wait()

    check_end(home, story)
    stuck = home.ask(lambda api: api.runs_in(["CRASHED"]))
    assert stuck
