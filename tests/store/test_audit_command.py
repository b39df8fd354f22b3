"""`steward audit verify` and `steward audit head`, as somebody at a terminal uses them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from schemas.columns import table_of
from schemas.machinery import AuditEntry
from schemas.outcome import Subject
from schemas.words import SubjectKind, Via
from tasks.store import Store, audit
from tasks.store.audit import STEWARD
from tests.commands.terminal import Said, steward
from tests.support.databases import run_in_own_loop

ENTRIES = 4500  # more than two batches, written at once; one more comes after them by the usual way
HEAD = ENTRIES + 1


async def fill(url: str, now: datetime) -> None:
    """Many entries at once, each sealed as `append` would."""
    rows: list[dict[str, Any]] = []
    for seq in range(1, ENTRIES + 1):
        row = {
            "seq": seq,
            "at": now,
            "actor_id": None,
            "via": Via.STEWARD.value,
            "subject_kind": SubjectKind.SCHOOL.value,
            "subject_id": 1,
            "version": None,
            "from_state": None,
            "to_state": None,
            "control": "inventory",
            "cause": "confirmed",
            "body": {"pages": seq},
        }
        previous = rows[-1]["hash"] if rows else audit.GENESIS
        sealed = {"previous": previous, "hash": audit.seal(previous, audit.content_of(row))}
        rows.append({**row, **sealed})
    store = Store.open(url)
    try:
        async with store.write() as session:
            await session.run(insert(table_of(AuditEntry)), rows)
            subject = Subject(SubjectKind.SCHOOL, 1)
            await audit.append(
                session, subject, actor=STEWARD, control="inventory", cause="confirmed", now=now
            )
    finally:
        await store.close()


async def change(url: str, statement: str) -> None:
    store = Store.open(url)
    try:
        async with store.write() as session:
            await session.run(text(statement))
    finally:
        await store.close()


@pytest.fixture
def filled(store_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a store with `HEAD` audit entries, which the commands find by the setting."""
    run_in_own_loop(fill(store_url, now))
    monkeypatch.setenv("STEWARD_DATABASE_URL", store_url)
    return store_url


def steward_audit(*arguments: str) -> Said:
    return steward("audit", *arguments)


def test_the_head_is_kept_the_chain_verified_and_what_was_done_to_it_found(filled: str) -> None:
    head = json.loads(steward_audit("head", "--json").out)
    assert head["seq"] == HEAD
    said = steward_audit("head").out
    assert said.startswith(f"{HEAD} {head['hash']}\n")
    assert "another machine or on paper" in said

    whole = steward_audit("verify", "--head", f" {head['hash'].upper()} ", "--json")
    assert whole.code == 0
    told = json.loads(whole.out)
    assert (told["entries"], told["hash"], told["kept_head_found"]) == (HEAD, head["hash"], True)
    said = steward_audit("verify").out
    assert said.startswith(f"The audit chain is whole: {HEAD} entries in ")
    assert "a cut-off end can't show" in said

    run_in_own_loop(change(filled, f"DELETE FROM audit_entry WHERE seq = {HEAD}"))  # noqa: S608
    assert steward_audit("verify").code == 0
    cut = steward_audit("verify", "--head", head["hash"])
    assert cut.code == 1
    assert "cut off" in cut.err

    run_in_own_loop(change(filled, "UPDATE audit_entry SET actor_id = 7 WHERE seq = 4321"))
    forged = steward_audit("verify")
    assert forged.code == 1
    assert "Audit entry 4321 does not fit" in forged.err


def test_a_head_leaves_signed_and_the_chain_is_verified_against_it(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEWARD_DATA_DIR", str(tmp_path))
    file = tmp_path / "heads"
    key = json.loads(steward_audit("head", "--to", str(file), "--json").out)["key"]
    against = ("verify", "--heads", str(file), "--key", key)
    assert "the head you kept is in it" in steward_audit(*against).out
    assert steward_audit("verify", "--key", key).code == 2

    run_in_own_loop(change(filled, f"DELETE FROM audit_entry WHERE seq = {HEAD}"))  # noqa: S608
    cut = steward_audit(*against)
    assert (cut.code, "cut off" in cut.err) == (1, True)
    monkeypatch.setenv("STEWARD_HEADS_FILE", str(file))
    assert steward_audit("verify").code == 1, "the file of the settings is read without being named"

    file.write_text(file.read_text().replace(f"\n{HEAD}\n", f"\n{ENTRIES}\n"))
    forged = steward_audit(*against)
    assert (forged.code, "or altered afterwards" in forged.err) == (2, True)


@pytest.mark.parametrize("head", ["", "abc", "g" * 64, "0" * 63])
def test_a_head_that_is_none_is_bad_input(head: str) -> None:
    refused = steward_audit("verify", "--head", head)
    assert refused.code == 2
    assert "copy it again" in refused.err
