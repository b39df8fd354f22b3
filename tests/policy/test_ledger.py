"""The ledger is reckoned from the policy's controls and the kinds of the code: nothing more is promised."""

import asyncio
import json
from pathlib import Path
from typing import Any, get_args

import pytest

from deployments.cli import clauses as command
from policy.calendar import Calendar
from policy.controls import KINDS, Control, Mode
from policy.ledger import ClauseRow, ledger, promise
from policy.model import Policy
from tasks import clock
from tasks.store import Store
from tests.factories.division import a_completion, a_person, a_role, a_school, an_access, an_account, put


def row(policy: Policy, clause: str) -> ClauseRow:
    return next(row for row in ledger(policy) if row.clause.id == clause)


def test_every_kind_says_what_it_promises_and_has_its_word() -> None:
    for word, kind in KINDS.items():
        assert get_args(kind.model_fields["use"].annotation) == (word,)
        assert kind.__doc__
        assert kind.__doc__.split("\n")[0].endswith((".", ",")), kind
        assert "Never" in kind.__doc__, f"{kind} does not say what it never does"


def test_every_kind_is_used_by_ap_151(policy: Policy) -> None:
    assert {type(control) for control in policy.controls} == set(KINDS.values())


@pytest.mark.parametrize(
    ("clause", "standing"),
    [
        ("1", "served"),
        ("2.1", "served"),  # by a control that stands under 2
        ("3.1", "served"),
        ("5.2", "served"),
        ("5.3", "served"),
        ("8", "served"),
        ("11", "served"),
        ("10", "served"),
        ("14.3", "served"),  # by advice
        ("12.1", "served"),
    ],
)
def test_how_far_a_clause_is_served(policy: Policy, clause: str, standing: str) -> None:
    assert row(policy, clause).standing == standing


def test_served_in_part_says_what_is_missing(policy: Policy) -> None:
    assert row(policy, "9").missing
    planned = tuple(one.model_copy(update={"planned": "More of it."}) for one in policy.clauses)
    assert row(policy.model_copy(update={"clauses": planned}), "3.1").missing == ("More of it.",)
    assert all(row.missing == () for row in ledger(policy) if row.standing == "served")


def test_a_control_that_only_observes_or_is_off_does_not_serve(policy: Policy) -> None:
    observed = policy.changed("privacy-course", mode=Mode.OBSERVE)
    assert row(observed, "5.2").standing == "served in part"
    assert row(observed, "5.2").missing == ("privacy-course only observes",)
    off = policy.changed("privacy-course", mode=Mode.OFF)
    assert row(off, "5.2").standing == "not served yet"
    assert row(off, "5.2").missing == ("privacy-course is off",)


def test_a_promise_is_said_in_words(policy: Policy) -> None:
    assert promise(policy.control("daily-look")) == (
        "look: Somebody says of every account that they looked at its posts and comments."
    )


def test_a_title_over_clauses_is_no_line_of_the_ledger(policy: Policy) -> None:
    assert not {"3"} & {row.clause.id for row in ledger(policy)}
    assert len(ledger(policy)) == 46


def test_a_name_alone_is_no_control() -> None:
    assert not any(kind is Control for kind in KINDS.values())


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command's own environment: an empty data directory, and one fixed moment."""
    monkeypatch.setenv("STEWARD_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("STEWARD_DATABASE_URL", raising=False)
    return tmp_path


def test_the_command_without_a_store_says_so_and_makes_none(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command.clauses(as_json=False)
    said = capsys.readouterr().out
    assert "46 clauses: " in said
    assert "There is no store yet" in said
    assert "not served yet" in said
    assert "since Wednesday 11 June 2025 by the Access to Information Act and" in " ".join(said.split())
    assert list(data_dir.iterdir()) == []


def test_the_command_counts_the_accounts_that_hold_a_rule_and_those_that_violate_it(
    store_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    policy: Policy,
    now: Any,
) -> None:
    today = Calendar(policy).today(now)

    async def prepare() -> None:
        store = Store.open(store_url)
        async with store.write() as session:
            await put(
                session,
                a_school(),
                a_person(1),
                a_person(2),
                a_role(1),
                an_account(1),
                an_account(2),
                an_access(1, 1),
                an_access(1, 2),
                an_access(2, 1),
                a_completion(1, today),
            )
        await store.close()

    asyncio.run(prepare())
    monkeypatch.setenv("STEWARD_DATABASE_URL", store_url)
    monkeypatch.setattr(clock, "now", lambda: now)
    command.clauses(as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert [clause["clause"] for clause in said["clauses"]] == [row.clause.id for row in ledger(policy)]
    controls = {one["control"]: one for clause in said["clauses"] for one in clause["controls"]}
    counted = {name: one["accounts"] for name, one in controls.items() if one["accounts"]}
    assert set(counted) == {rule.name for rule in policy.rules()}
    assert counted["privacy-course"] == counted["school-administrators"] == {"hold": 1, "violate": 1}
    assert counted["communications-can-reach-it"] == {"hold": 2, "violate": 0}
    by_clause = {clause["clause"]: clause for clause in said["clauses"]}
    assert [one["control"] for one in by_clause["5.2"]["controls"]] == ["privacy-course"]
    assert by_clause["5.2"]["controls"][0]["promise"].startswith("training-before-access: Nobody has access")
    assert by_clause["12.2"]["standing"] == "served"
    assert [law["replaced_on"] for law in said["laws"]] == ["2025-06-11", None]


def test_a_database_without_tables_is_no_store(
    bare_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", bare_url)
    command.clauses(as_json=True)
    said = json.loads(capsys.readouterr().out)["clauses"]
    assert {one["accounts"] for clause in said for one in clause["controls"]} == {None}
