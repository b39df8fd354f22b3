"""xAPI statements: what counts as completed, whose it is, what is voided, and what is wrong row by row."""

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from policy.model import Policy
from schemas.errors import BadFile, BadRows
from schemas.gates import Completion
from schemas.words import Via
from tasks.files.xapi import Statements, is_statements, read_statements
from tasks.store import Store, verifying
from tasks.training.import_completions import TrainingImport, TrainingImportForm, import_training
from tests.roster.taking_in import rows
from tests.training.training_people import COMMUNICATIONS, some_people

ADL, CMI5 = "http://adlnet.gov/expapi/verbs/", "https://w3id.org/xapi/adl/verbs/"
COURSE = "https://learn.example.org/course/focus"
NAMED = {"name": {"en-CA": "Focus on Privacy"}}
UNIT = {"contextActivities": {"category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}]}}


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def said(number: int, **changes: Any) -> dict[str, Any]:
    """Somebody completed the course on 14 September."""
    actor = {"mbox": f"mailto:Person{number}@example.org", "name": f"Given{number} Sample{number}"}
    return {
        "id": uuid(number),
        "actor": {"objectType": "Agent", **actor},
        "verb": {"id": f"{ADL}completed"},
        "object": {"id": COURSE, "definition": NAMED},
        "timestamp": "2026-09-14T18:00:00Z",
        **changes,
    }


def voids(number: int, statement: int) -> dict[str, Any]:
    return said(
        number,
        verb={"id": f"{ADL}voided"},
        object={"objectType": "StatementRef", "id": uuid(statement)},
    )


def by(**identifiers: Any) -> dict[str, Any]:
    return {"actor": identifiers}


@pytest.fixture
def read(tmp_path: Path, policy: Policy) -> Any:
    def reading(*statements: Any, text: str | None = None, **more: Any) -> Statements:
        file = tmp_path / "statements.json"
        file.write_text(json.dumps(list(statements)) if text is None else text)
        return read_statements(file, zone=policy.zone, **more)

    return reading


def test_what_counts_as_completed(read: Any) -> None:
    def verb(its: str, **result: bool) -> dict[str, Any]:
        return {"verb": {"id": its}, "result": result}

    found = read(
        said(1),
        said(2, **verb(f"{ADL}completed", completion=True, success=False)),
        said(3, **verb(f"{ADL}passed", success=True)),
        said(4, **verb(f"{ADL}passed", success=True, completion=True)),
        said(5, **verb(f"{CMI5}satisfied")),
        said(6, **verb(f"{CMI5}waived", success=True)),
        said(7, context=UNIT),
        said(8, **verb(f"{CMI5}satisfied"), context=UNIT),
        said(9, **verb(f"{ADL}experienced")),
        said(10),
        said(1),
        voids(11, 10),
    )
    assert [one.line for one in found.rows] == [1, 4, 5, 8]
    assert found.counted == {
        "not passed, or not complete": 1,
        "of other verbs": 2,
        "waived, which is no completed training": 1,
        "of units of cmi5: their course says when it is satisfied": 1,
        "repeated within the file": 1,
        "voided in the same file": 1,
    }
    assert found.rows[0].email == "person1@example.org"


def test_the_day_is_the_divisions(read: Any) -> None:
    late = read(said(1, timestamp="2026-09-15T03:00:00Z"), said(2, timestamp="2026-09-15T09:00:00+02:00"))
    assert [one.completed_on for one in late.rows] == [date(2026, 9, 14), date(2026, 9, 15)]


def test_files_as_stores_and_platforms_write_them(read: Any) -> None:
    lines = "\n".join(json.dumps(one) for one in (said(1), said(2)))
    for text in (
        lines,
        json.dumps({"statements": [said(1), said(2)], "more": ""}),
        json.dumps([said(1), said(2)]),
    ):
        assert [one.id for one in read(text=text).rows] == [uuid(1), uuid(2)]
    assert len(read(text=json.dumps(said(1))).rows) == 1
    with pytest.raises(BadFile, match="there is more of it"):
        read(text=json.dumps({"statements": [said(1)], "more": "/xapi/statements?next=2"}))
    with pytest.raises(BadFile, match=r"statements.json, line 2: this is no JSON"):
        read(text=json.dumps(said(1)) + "\n{half")
    with pytest.raises(BadFile, match=r"nested too deeply|this is no JSON"):
        read(text="[" * 200_000)


def test_what_a_report_in_columns_is_not(tmp_path: Path) -> None:
    for text, is_json in ((" \n[]", True), ("\ufeff{}", True), ("ID,Name", False), ("", False)):
        (tmp_path / "file").write_text(text)
        assert is_statements(tmp_path / "file") is is_json


BAD = {
    "two identifiers": (
        by(mbox="mailto:a@example.org", openid="https://a.example.org"),
        "actor",
        "exactly one",
    ),
    "no identifier": (by(name="Ann"), "actor", "exactly one identifier"),
    "a group": (
        by(objectType="Group", mbox="mailto:all@example.org"),
        "actor.objectType",
        "a group completes",
    ),
    "no mailto": (by(mbox="a@example.org"), "actor.mbox", "this is not mailto:"),
    "half a digest": (by(mbox_sha1sum="abc"), "actor.mbox_sha1sum", "40 hexadecimal digits"),
    "no homePage": (by(account={"name": "7"}), "actor.account.homePage", "this must be there"),
    "no id of a verb": ({"verb": {"display": {}}}, "verb.id", "this must be there, as a text"),
    "an id that is none": ({"id": "7"}, "id", "an id is a UUID"),
    "no day": ({"timestamp": "14 September"}, "timestamp", "a moment is written"),
    "no timestamp": ({"timestamp": None}, "timestamp", "this must be there"),
    "a score for success": ({"result": {"success": 1}}, "result.success", "true or false"),
    "an older version": ({"version": "0.95"}, "version", "xAPI 1.0 and 2.0"),
    "a person is completed": (
        {"object": {"objectType": "Agent", "id": "x"}},
        "object.objectType",
        "an Activity",
    ),
    "a void of an activity": ({"verb": {"id": f"{ADL}voided"}}, "object.objectType", "a StatementRef"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_statement_is_told_by_its_number(read: Any, tmp_path: Path, case: str) -> None:
    changes, where, what = BAD[case]
    with pytest.raises(BadRows) as error:
        read(said(1), said(2, **changes))
    assert f"statements.json, line 2, column {where}" in str(error.value)
    assert what in str(error.value)
    found = read(said(1), said(2, **changes), said(3), skip_bad=tmp_path / "bad.csv")
    assert ([one.line for one in found.rows], found.left_out) == ([1, 3], 1)
    assert what.split()[0] in (tmp_path / "bad.csv").read_text()


def test_one_id_is_one_statement(read: Any) -> None:
    with pytest.raises(BadRows, match="another statement of this file has the same id"):
        read(said(1), {**said(2), "id": uuid(1)})


async def take(
    store: Store, policy: Policy, now: datetime, folder: Path, *given: Any, **more: Any
) -> TrainingImport:
    file = folder / "statements.json"
    file.write_text(json.dumps(list(given)))
    form = TrainingImportForm.model_validate({"actor": str(COMMUNICATIONS), "file": file, **more})
    return await import_training(store, policy, form, via=Via.COMMAND, now=now)


async def completions(store: Store) -> list[tuple[int, bool]]:
    return [(one["person_id"], one["voided_at"] is None) for one in await rows(store, Completion)]


async def test_each_identifier_finds_its_person(
    sqlite_store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    await some_people(sqlite_store, now)
    digest = hashlib.sha1(b"mailto:person3@example.org", usedforsecurity=False).hexdigest()
    account = {"homePage": "https://learn.example.org", "name": "person4@example.org"}
    done = await take(
        *(sqlite_store, policy, now, tmp_path),
        said(2),
        said(3, **by(mbox_sha1sum=digest)),
        said(4, **by(account=account)),
        said(5, **by(account={**account, "name": "x17"})),
    )
    assert (done.new, done.unmatched) == (3, 1)
    assert await completions(sqlite_store) == [(2, True), (3, True), (4, True)]


async def test_a_voided_statement_counts_no_longer_whichever_comes_first(
    store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    await some_people(store, now)
    await take(store, policy, now, tmp_path, said(2), said(3), said(4))
    done = await take(store, policy, now, tmp_path, voids(20, 3), voids(21, 5))
    assert "1 completions count no longer: their statements were voided." in done.notes
    assert await completions(store) == [(2, True), (3, False), (4, True)]
    later = await take(store, policy, now, tmp_path, said(5), said(3), said(1))
    assert (later.new, later.rows) == (1, 1)
    assert await completions(store) == [(2, True), (3, False), (4, True), (1, True)]
    await verifying.verify(store)


async def test_other_activities_are_said_or_passed_over(
    sqlite_store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    """An activity without the course's name is the course once somebody has said so."""
    await some_people(sqlite_store, now)
    bare, other = {"object": {"id": COURSE}}, {"object": {"id": "https://learn.example.org/course/knitting"}}
    here = (sqlite_store, policy, now, tmp_path)
    with pytest.raises(BadFile, match=r"they speak of 'https://learn.example.org/course/focus'\. If one"):
        await take(*here, said(2, **bare))
    with pytest.raises(BadFile, match="statements of several activities"):
        await take(*here, said(2, **bare), said(3, **other), course="focus-on-privacy")
    assert (await take(*here, said(2, **other), forwarded=True)).import_id is None
    assert (await take(*here, said(2, **bare), course="focus-on-privacy")).new == 1
    mixed = await take(*here, said(3, **bare), said(4, **other))
    assert (mixed.new, mixed.notes) == (1, ("1 statement of other activities.",))
