"""Everything that is stored of one person is exported, and nothing that is not theirs to have."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import BadInput, NotAllowed
from schemas.incidents import Incident
from schemas.sign_in import PortalSession
from schemas.states import IncidentState
from schemas.tables import metadata
from schemas.words import SignInWay, Via
from tasks.people.everything_of import WITHHELD
from tasks.people.export_person import PersonExportForm, export_person
from tests.commands.act_cases import acted
from tests.roster.traces import NAME, TRACES, traces_everywhere
from tests.support.world import CO, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

OTHERS_TEXT = "What the principal did is not for the teacher to read."


async def export(world: World, to: Path, actor: int = CO) -> str:
    form = PersonExportForm.model_validate(
        {"actor": mail(actor), "person": mail(TEACHER), "to": to, "reason": "They asked what is stored."}
    )
    return (await export_person(world.store, world.policy, form, via=Via.COMMAND, now=world.now)).says


async def with_secrets(world: World) -> None:
    await traces_everywhere(world)
    report: dict[str, Any] = {"under": "incidents", "rule": "x", "reported_by_id": SUPER}
    report |= {"reported_at": world.now, "recorded_via": Via.COMMAND, "state_since": world.now}
    await world.put(
        PortalSession(
            token_hash="c" * 64,
            person_id=TEACHER,
            way=SignInWay.MAIL,
            begun_at=world.now,
            seen_at=world.now,
            until=world.now,
        ),
        Incident(**report, tells="Said of them.", person_id=TEACHER, state=IncidentState.REPORTED),
        Incident(
            **report,
            tells=OTHERS_TEXT,
            person_id=PRINCIPAL,
            decided_by_id=TEACHER,
            state=IncidentState.CLOSED,
        ),
    )


def speaks(table: str, row: Any) -> bool:
    """The slow and plain answer: a person's column has their number, or a text has a trace of them."""
    columns = metadata.tables[table].c
    numbers = [
        one.name for one in columns if any(key.column.table.name == "person" for key in one.foreign_keys)
    ]
    numbers += [one for one in ("person_id", "actor_id") if one in columns]
    if table == "person":
        numbers.append("id")
    if any(row[one] in (TEACHER, VICE) for one in numbers):  # VICE's record was merged into theirs
        return True
    if row.get("subject_kind") == "person" and row["subject_id"] in (TEACHER, VICE):
        return True
    return any(one in repr(row).casefold() for one in TRACES)


async def test_no_row_that_speaks_of_them_is_left_out(world: World, tmp_path: Path) -> None:
    await with_secrets(world)
    stored = {
        table.name: [row for row in await world.rows(table.name) if speaks(table.name, row)]
        for table in metadata.sorted_tables
    }
    stored = {table: rows for table, rows in stored.items() if rows}
    assert len(stored) > 20, "the stage has become poor"
    said = await export(world, tmp_path / "theirs.zip")
    with zipfile.ZipFile(tmp_path / "theirs.zip") as archive:
        given = json.loads(archive.read("everything.json"))["tables"]
        tables = {
            name: list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"))))
            for name in given
        }
        readme = archive.read("READ-ME.txt").decode()
    for table, rows in stored.items():
        (key,) = (one.name for one in metadata.tables[table].primary_key.columns)
        missing = {row[key] for row in rows} - {row[key] for row in given[table]}
        assert not missing, f"rows of {table} are left out"
        assert len(tables[table]) == len(given[table])
    assert f"{sum(map(len, given.values()))} rows are in " in said
    assert (tmp_path / "theirs.zip").stat().st_mode & 0o777 == 0o600
    assert WITHHELD in readme
    entry = (await world.rows("audit_entry"))[-1]
    assert (entry["cause"], entry["actor_id"], entry["subject_id"]) == ("person exported", CO, TEACHER)
    assert NAME not in repr(entry)


async def test_what_is_not_theirs_to_have_is_withheld(world: World, tmp_path: Path) -> None:
    await with_secrets(world)
    await export(world, tmp_path / "theirs")
    everything = json.loads((tmp_path / "theirs" / "everything.json").read_text())["tables"]
    whole = "".join(one.read_text() for one in (tmp_path / "theirs").iterdir())
    assert "c" * 64 not in whole
    assert OTHERS_TEXT not in whole
    about, decided = everything["incident"]
    assert (about["reported_by_id"], about["tells"], about["part"]) == (WITHHELD, WITHHELD, "theirs")
    assert (decided["part"], decided["decided_by_id"], decided["tells"]) == ("did it", TEACHER, WITHHELD)
    assert [one["says"] for one in everything["contact_report"]] == [WITHHELD]
    (session,) = everything["portal_session"]
    assert (session["token_hash"], session["way"]) == (WITHHELD, "code by mail")
    others = [one for one in everything["person"] if one["id"] not in (TEACHER, VICE)]
    assert all(one["email"] == WITHHELD for one in others)


async def test_only_who_keeps_the_policy_may_and_nothing_is_written_over(
    world: World, tmp_path: Path
) -> None:
    with pytest.raises(NotAllowed, match="Only the Communications Officer exports what is stored"):
        await export(world, tmp_path / "theirs", actor=PRINCIPAL)
    assert not (tmp_path / "theirs").exists()
    (tmp_path / "there.zip").write_text("mine")
    with pytest.raises(BadInput, match="name a new place"):
        await export(world, tmp_path / "there.zip")
    assert (tmp_path / "there.zip").read_text() == "mine"
    assert "person exported" not in [one["cause"] for one in await world.rows("audit_entry")]


async def test_nobody_learns_by_it_who_reported_them(world: World, tmp_path: Path) -> None:
    """Who keeps the policy exports what is stored of whoever reported them."""
    await acted(
        world, "report-what-was-broken", TEACHER, rule="AP 170", tells="Of the officer.", person=mail(CO)
    )
    await acted(
        world, "report-what-was-broken", TEACHER, rule="AP 140", tells="Of another.", person=mail(PRINCIPAL)
    )
    await export(world, tmp_path / "theirs")
    everything = json.loads((tmp_path / "theirs" / "everything.json").read_text())["tables"]
    assert [(one["person_id"], one["rule"]) for one in everything["incident"]] == [(PRINCIPAL, WITHHELD)]
    about = [one["subject_id"] for one in everything["audit_entry"] if one["subject_kind"] == "incident"]
    assert set(about) == {2}
