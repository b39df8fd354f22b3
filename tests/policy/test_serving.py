"""The ledger says what the code registers: nothing more, and nothing that is not there."""

import asyncio
import importlib
import inspect
import json
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from deployments.cli import clauses as command
from policy import serving
from policy.calendar import Calendar
from policy.clause_ids import CLAUSE_IDS
from policy.model import ClauseKind, Policy
from policy.rules import RULES, course_is_current
from policy.rules.form import rule
from policy.serving import ClauseRow, Service, import_all, ledger, serves, services
from tasks import clock
from tasks.store import Store
from tests.factories.division import a_completion, a_person, a_role, a_school, an_access, an_account, put


@pytest.fixture
def registrations(monkeypatch: pytest.MonkeyPatch) -> set[Service]:
    """An empty book of registrations; the real one is back afterwards."""
    empty: set[Service] = set()
    monkeypatch.setattr(serving, "_SERVICES", empty)
    return empty


def serves_for_the_test() -> None:
    """A function of a module, to be registered."""


def row(policy: Policy, clause: str) -> ClauseRow:
    return next(row for row in ledger(policy) if row.clause == clause)


def test_everything_registered_anywhere_is_a_function_that_is_there() -> None:
    import_all("policy", "tasks", "flows")
    found = [service for service in services() if service.where != "serving.serves_for_the_test"]
    assert {
        "policy.rules.training.course_is_current",
        "policy.rules.administrators.two_people_administer",
    } <= {service.where for service in found}
    for service in found:
        parts = service.where.split(".")
        module, rest = next(
            (module, parts[end:])
            for end in range(len(parts) - 1, 0, -1)
            if (module := importable(".".join(parts[:end])))
        )
        served_by = reduce(getattr, rest, module)
        assert inspect.isfunction(getattr(served_by, "fn", served_by)), service
        assert service.clause in serving.KNOWN
        assert module.__name__.split(".")[0] in {"policy", "tasks", "flows"}


def importable(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name is None or not name.startswith(missing.name):
            raise
        return None


@pytest.mark.usefixtures("registrations")
def test_without_registrations_nothing_is_served(policy: Policy) -> None:
    rows = ledger(policy)
    assert [row.clause for row in rows] == list(CLAUSE_IDS)
    assert {row.standing for row in rows} == {"not served yet"}
    assert all(row.open_kinds == row.kinds for row in rows)


@pytest.mark.usefixtures("registrations")
def test_a_clause_is_served_in_part_until_each_of_its_kinds_is(policy: Policy) -> None:
    assert row(policy, "8").kinds == (ClauseKind.RULE, ClauseKind.LIFECYCLE)
    serves("8", how="rule")(serves_for_the_test)
    assert row(policy, "8").standing == "served in part"
    assert row(policy, "8").open_kinds == (ClauseKind.LIFECYCLE,)
    serves("8", how="lifecycle")(serves_for_the_test)
    assert row(policy, "8").standing == "served"


@pytest.mark.usefixtures("registrations")
def test_serving_otherwise_than_the_clause_asks_is_no_whole_service(policy: Policy) -> None:
    serves("9", how="gate")(serves_for_the_test)
    assert row(policy, "9").standing == "served in part"
    assert row(policy, "9").open_kinds == row(policy, "9").kinds


@pytest.mark.usefixtures("registrations")
def test_a_head_serves_none_of_the_clauses_under_it(policy: Policy) -> None:
    serves("2", "3.2", how="gate")(serves_for_the_test)
    assert {row.standing for row in ledger(policy)} == {"not served yet"}


def test_registering_gives_the_function_back_and_twice_is_once(registrations: set[Service]) -> None:
    assert serves("1", "9", how="rule")(serves_for_the_test) is serves_for_the_test
    serves("9", how="rule")(serves_for_the_test)
    assert sorted(service.clause for service in registrations) == ["1", "9"]
    assert {service.where for service in registrations} == {f"{__name__}.serves_for_the_test"}


@pytest.mark.parametrize("clause", ["15", "5.7", "14.13", "", "5.2 ", "3.1.1"])
def test_a_clause_that_the_policy_does_not_have_is_an_error(registrations: set[Service], clause: str) -> None:
    with pytest.raises(ValueError, match="AP 151 has no clause"):
        serves("5", clause, how="rule")
    with pytest.raises(ValueError, match="AP 151 has no clause"):
        rule(clause=clause, scope=lambda _policy: NotImplemented)(course_is_current)
    assert registrations == set()


def test_what_can_not_be_found_again_can_not_serve(registrations: set[Service]) -> None:
    def inside() -> None:
        """A function of a function."""

    for nothing in (lambda: None, inside, Calendar, print, "policy.rules", None):
        with pytest.raises(TypeError, match="no function of a module"):
            serves("9", how="rule")(nothing)  # type: ignore[type-var]
    with pytest.raises(ValueError, match="which clause"):
        serves(how="rule")
    with pytest.raises(ValueError, match="promise"):
        serves("9", how="promise")  # type: ignore[arg-type]
    assert registrations == set()


def test_a_clause_has_one_rule() -> None:
    with pytest.raises(ValueError, match=r"5\.2 has a rule already: course_is_current"):
        rule(clause="5.2", scope=lambda _policy: NotImplemented)(course_is_current)
    assert RULES["5.2"].select is course_is_current


def test_a_module_that_does_not_import_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "broken_for_the_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "inner.py").write_text("import nothing_of_that_name")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError):
        import_all("broken_for_the_test")


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
    assert "44 clauses: " in said
    assert "There is no store yet" in said
    assert "not served yet" in said
    assert (
        "replaced since 2025-06-11 by the Access to Information Act and the Protection of Privacy Act" in said
    )
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
    assert [clause["clause"] for clause in said["clauses"]] == list(CLAUSE_IDS)
    counted = {clause["clause"]: clause["accounts"] for clause in said["clauses"] if clause["accounts"]}
    assert set(counted) == set(RULES)
    assert counted["5.2"] == counted["5.4"] == {"hold": 1, "violate": 1}
    assert counted["5.5"] == {"hold": 2, "violate": 0}
    by_clause = {clause["clause"]: clause for clause in said["clauses"]}
    assert {"how": "rule", "where": "policy.rules.training.course_is_current"} in by_clause["5.2"][
        "served_by"
    ]
    assert by_clause["12.2"]["standing"] == "not served yet"
    assert [law["replaced_on"] for law in said["laws"]] == ["2025-06-11", None]


def test_a_database_without_tables_is_no_store(
    bare_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", bare_url)
    command.clauses(as_json=True)
    assert {clause["accounts"] for clause in json.loads(capsys.readouterr().out)["clauses"]} == {None}
