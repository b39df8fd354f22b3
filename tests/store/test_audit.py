"""The audit chain: whoever changes, removes, adds or moves an entry is found."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from policy.model import Policy
from schemas.columns import table_of
from schemas.errors import ChainBroken
from schemas.machinery import AuditEntry
from schemas.states import AccountState
from tasks.store import Store, audit, verifying
from tasks.store.audit import EMPTY, STEWARD, Head
from tasks.store.transition import transition
from tests.store.subjects import a_person, actor, an_account, entries, move

COUNT = 7


@pytest.fixture
async def chain(store: Store, now: datetime) -> Head:
    """A chain of `COUNT` entries; its head."""
    async with store.write() as session:
        person = await a_person(session)
        subject = await an_account(session, person, now)
        step = move(subject, AccountState.APPROVED, AccountState.PREPARING)
        await transition(session, step, actor=STEWARD, now=now + timedelta(microseconds=1))
    async with store.write() as session:  # entries that change no record: only the chain itself tells of them
        for number in range(3, COUNT + 1):
            await audit.append(
                session,
                subject,
                actor=actor(person),
                control="guidelines",
                cause=f"receipt {number}",
                now=now + timedelta(days=number),
                body={"guideline": "website", "versions": [number, None, True, 0.5], "day": {"é": "ü"}},
            )
    async with store.read() as session:
        return await audit.head(session)


async def tamper(store: Store, *statements: str, **values: object) -> None:
    """Change the table as somebody could who reaches the database, by the door or not."""
    async with store.write(audited=False) as session:
        for statement in statements:
            await session.run(text(statement), {key: values[key] for key in values if f":{key}" in statement})


async def test_an_empty_chain_verifies(store: Store) -> None:
    assert await verifying.verify(store) == EMPTY
    assert await verifying.verify(store, kept=EMPTY.hash) == EMPTY


@pytest.mark.parametrize("batch", [1, 2, COUNT - 1, COUNT, COUNT + 1, 2000])
async def test_a_chain_verifies_to_its_head(store: Store, chain: Head, batch: int) -> None:
    assert chain.seq == COUNT
    assert await verifying.verify(store, batch=batch) == chain
    assert await verifying.verify(store, batch=batch, kept=chain.hash) == chain


async def test_a_head_kept_long_ago_is_still_in_the_chain(store: Store, chain: Head) -> None:
    async with store.read() as session:
        third = (await entries(session))[2].hash
    assert await verifying.verify(store, kept=third) == chain


#: For each column, what a forger might write there instead; `hash` and `previous` among them.
FORGED: dict[str, str] = {
    "at": "'2026-01-02 03:04:05.000000'",
    "actor_id": "COALESCE(actor_id, 0) + 1",
    "via": "'import'",
    "subject_kind": "'access'",
    "subject_id": "subject_id + 1",
    "version": "COALESCE(version, 0) + 1",
    "from_state": "COALESCE(from_state, '') || 'x'",
    "to_state": "COALESCE(to_state, '') || 'x'",
    "control": "'personal-accounts'",
    "clause": "'5'",
    "cause": "'another'",
    "body": '\'{"guideline": "none"}\'',
    "records": "'{}'",
    "previous": f"'{'f' * 64}'",
    "hash": f"'{'f' * 64}'",
}


def test_every_column_is_forged_below() -> None:
    """A column that is added later and left out of the hash would be found here and below."""
    assert {"seq", *FORGED} == set(table_of(AuditEntry).columns.keys())


@pytest.mark.parametrize("column", FORGED)
async def test_a_forged_column_is_found(store: Store, chain: Head, column: str) -> None:
    """From the last entry back to the first: the one that is told of is the first that does not fit."""
    assert chain.seq == COUNT
    for seq in (COUNT, 4, 1):
        forged = f"UPDATE audit_entry SET {column} = {FORGED[column]} WHERE seq = {seq}"  # noqa: S608
        await tamper(store, forged)
        with pytest.raises(ChainBroken, match=rf"Audit entry {seq} does not fit"):
            await verifying.verify(store, batch=3)


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "'yesterday'"), ("body", "'{'"), ("body", '\'{"a": 1, "a": 2}\''), ("cause", "x'ff'")],
)
@pytest.mark.parametrize("batch", [1, 3, 2000])
async def test_what_cannot_even_be_read_back_is_found(
    sqlite_store: Store, now: datetime, column: str, value: str, batch: int
) -> None:
    async with sqlite_store.write() as session:
        subject = await an_account(session, await a_person(session), now)
        for _ in range(2, COUNT + 1):
            await audit.append(session, subject, actor=STEWARD, control="approval", cause="x", now=now)
    await tamper(sqlite_store, f"UPDATE audit_entry SET {column} = {value} WHERE seq = 5")  # noqa: S608
    with pytest.raises(ChainBroken, match="Audit entry 5 can't be read back"):
        await verifying.verify(sqlite_store, batch=batch)


@pytest.mark.parametrize("seq", [1, 4])
async def test_a_removed_entry_is_found(store: Store, chain: Head, seq: int) -> None:
    assert chain.seq == COUNT
    await tamper(store, f"DELETE FROM audit_entry WHERE seq = {seq}")  # noqa: S608
    with pytest.raises(ChainBroken, match=f"Audit entry {seq} is missing"):
        await verifying.verify(store)


async def test_a_removed_entry_is_found_though_the_rest_moved_up(store: Store, chain: Head) -> None:
    assert chain.seq == COUNT
    await tamper(
        store,
        "DELETE FROM audit_entry WHERE seq = 4",
        *(f"UPDATE audit_entry SET seq = {seq - 1} WHERE seq = {seq}" for seq in range(5, COUNT + 1)),  # noqa: S608
    )
    with pytest.raises(ChainBroken, match="Audit entry 4 does not fit"):
        await verifying.verify(store)


async def test_a_cut_off_end_needs_the_head_kept_outside(store: Store, chain: Head) -> None:
    await tamper(store, "DELETE FROM audit_entry WHERE seq > 5")
    assert (await verifying.verify(store)).seq == 5, "what is left is a whole chain: only the head tells"
    with pytest.raises(ChainBroken, match="entries were cut off, or an old copy was restored"):
        await verifying.verify(store, kept=chain.hash)


async def test_everything_cut_off_needs_the_head_kept_outside(store: Store, chain: Head) -> None:
    await tamper(store, "DELETE FROM audit_entry")
    with pytest.raises(ChainBroken, match="entries were cut off"):
        await verifying.verify(store, kept=chain.hash)


async def test_an_end_that_was_cut_off_and_written_anew_needs_the_head_as_well(
    store: Store, chain: Head, now: datetime
) -> None:
    """A forger with our code can append; what they can't do is to meet the kept hash again."""
    await tamper(store, "DELETE FROM audit_entry WHERE seq > 5")
    async with store.write() as session:
        later = now + timedelta(days=6)
        subject = await an_account(session, await a_person(session, 2), later, "other")
        await audit.append(session, subject, actor=STEWARD, control="approval", cause="x", now=later)
        assert (await audit.head(session)).seq == COUNT
    await verifying.verify(store)
    with pytest.raises(ChainBroken, match="kept is not in this chain"):
        await verifying.verify(store, kept=chain.hash)


async def test_two_entries_that_changed_places_are_found(store: Store, chain: Head) -> None:
    assert chain.seq == COUNT
    await tamper(
        store,
        "UPDATE audit_entry SET seq = 99 WHERE seq = 3",
        "UPDATE audit_entry SET seq = 3 WHERE seq = 4",
        "UPDATE audit_entry SET seq = 4 WHERE seq = 99",
    )
    with pytest.raises(ChainBroken, match="Audit entry 3 does not fit"):
        await verifying.verify(store)


async def test_an_entry_slipped_in_is_found(store: Store, chain: Head) -> None:
    """Even one whose own hash is right: the next entry speaks of the one before it."""
    async with store.read() as session:
        rows = [dict(row._mapping) for row in await entries(session)]
    slipped = {**rows[3], "cause": "slipped in", "via": rows[3]["via"].value, "previous": rows[2]["hash"]}
    slipped["subject_kind"] = rows[3]["subject_kind"].value
    slipped["hash"] = audit.seal(rows[2]["hash"], audit.content_of(slipped))
    await tamper(
        store,
        "UPDATE audit_entry SET cause = 'slipped in', hash = :hash WHERE seq = 4",
        hash=slipped["hash"],
    )
    with pytest.raises(ChainBroken, match="Audit entry 5 does not fit"):
        await verifying.verify(store)
    assert chain.seq == COUNT


@pytest.mark.parametrize(
    "body",
    [
        {10: "ten", 9: "nine"},
        {"tuple": (1, 2)},
        {"deep": {"b": 1, "a": [None, False, 1.5, "é", "\ud7ff", 2**53]}},
        {},
    ],
    ids=["numbers as keys", "a tuple", "everything JSON has", "nothing"],
)
async def test_any_body_that_json_can_hold_verifies(
    store: Store, now: datetime, body: dict[str, object]
) -> None:
    async with store.write() as session:
        subject = await an_account(session, await a_person(session), now)
        await audit.append(session, subject, actor=STEWARD, control="approval", cause="x", now=now, body=body)
    assert (await verifying.verify(store)).seq == 2


async def test_the_same_moment_in_another_zone_seals_alike(
    store: Store, now: datetime, policy: Policy
) -> None:
    local = now.astimezone(policy.zone)
    async with store.write() as session:
        subject = await an_account(session, await a_person(session), local)
        await audit.append(session, subject, actor=STEWARD, control="approval", cause="x", now=local)
    await verifying.verify(store)
    async with store.read() as session:
        assert [entry.at for entry in await entries(session)] == [now, now]


async def test_verifying_reads_in_batches(
    sqlite_store: Store, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with the chain, and no reader is in the writers' way for longer than a batch."""
    async with sqlite_store.write() as session:
        subject = await an_account(session, await a_person(session), now)
        for _ in range(24):
            await audit.append(session, subject, actor=STEWARD, control="approval", cause="x", now=now)
    sizes = []
    real = verifying._read

    async def counted(*args: object) -> object:
        rows = await real(*args)  # type: ignore[arg-type]
        sizes.append(len(rows))
        return rows

    monkeypatch.setattr(verifying, "_read", counted)
    assert (await verifying.verify(sqlite_store, batch=10)).seq == 25
    assert max(sizes) == 10, sizes


async def test_an_emptied_chain_of_a_store_that_is_not_empty_is_found(store: Store, chain: Head) -> None:
    assert chain.seq == COUNT
    await tamper(store, "DELETE FROM audit_entry")
    with pytest.raises(ChainBroken, match=r"The audit chain is empty and the store is not \(a"):
        await verifying.verify(store)


@pytest.mark.parametrize("seq", [-1, 0])
@pytest.mark.parametrize("batch", [1, 2000])
async def test_an_entry_outside_the_numbers_is_found(store: Store, chain: Head, seq: int, batch: int) -> None:
    """It is listed with the others, so that somebody would believe it."""
    columns = ", ".join(f'"{name}"' for name in table_of(AuditEntry).c.keys() if name != "seq")  # noqa: SIM118
    await tamper(
        store,
        f"INSERT INTO audit_entry (seq, {columns}) SELECT {seq}, {columns} FROM audit_entry WHERE seq = 2",  # noqa: S608
    )
    with pytest.raises(ChainBroken, match=f"Audit entry {seq} stands outside the chain"):
        await verifying.verify(store, batch=batch, kept=chain.hash)


@pytest.mark.parametrize(
    ("column", "value"), [("state_since", "'yesterday'"), ("handle", "x'ff'"), ("version", "'three'")]
)
async def test_a_damaged_cell_is_one_sentence_with_its_table_and_row(
    sqlite_store: Store, now: datetime, column: str, value: str
) -> None:
    async with sqlite_store.write() as session:
        await an_account(session, await a_person(session), now)
    await tamper(sqlite_store, f"UPDATE account SET {column} = {value} WHERE id = 1")  # noqa: S608
    with pytest.raises(ChainBroken, match=r"  Account 1 can't be read back: its \w+ was damaged") as told:
        await verifying.verify(sqlite_store)
    assert str(told.value).startswith("1 record does not agree with the audit chain")
