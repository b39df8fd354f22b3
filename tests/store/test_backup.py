"""A backup of either database is one file, and comes back whole into an empty place on either."""

import asyncio
import hashlib
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from deployments.local import backup
from deployments.local.alone import RunsAlready, alone
from deployments.local.backup import MANIFEST, back_up, restore
from schemas.errors import BadInput, BadSettings, ChainBroken
from schemas.settings import Settings
from tasks.files import heads
from tasks.files.own_key import own_key
from tasks.store import Store, audit, verifying
from tasks.store.copying import copy_rows
from tasks.store.engine import journal_mode
from tasks.store.session import Session
from tests.factories.division import a_person
from tests.support.stages import live
from tests.support.world import World

NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)


def installation(home: Path, url: str | None) -> Settings:
    home.mkdir(exist_ok=True)
    return Settings(data_dir=home, database_url=url)


async def lived_in(world: World, home: Path, url: str) -> Settings:
    """An account was asked for, decided and reported; a picture and a key are kept beside the store."""
    await live(world)
    made = installation(home, url)
    own_key(home)
    (home / "removals").mkdir()
    (home / "removals" / "one.png").write_bytes(b"a picture")
    (home / "logs").mkdir()
    return made


async def all_rows(settings: Settings) -> Mapping[str, Sequence[str]]:
    store = Store.open(settings.store_url)
    try:
        return await World(store, None, NOW).everything()  # type: ignore[arg-type]
    finally:
        await store.close()


async def test_everything_comes_back_with_the_chain_whole(
    world: World, tmp_path: Path, store_url: str, bare_url: str
) -> None:
    settings = await lived_in(world, tmp_path / "one", store_url)
    made = await asyncio.to_thread(back_up, settings, tmp_path, NOW)
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    with zipfile.ZipFile(made.file) as archive:
        assert set(archive.namelist()) == {MANIFEST, "store.db", "audit.key", "removals/one.png"}
    other = installation(tmp_path / "two", bare_url)
    said = await asyncio.to_thread(restore, other, made.file, NOW)
    assert f"ends at audit entry {made.manifest.seq}" in said[0]
    before, after = await world.everything(), await all_rows(other)
    told = {"audit_entry", "notice"}
    assert {name: rows for name, rows in after.items() if name not in told} == {
        name: rows for name, rows in before.items() if name not in told
    }
    (more,) = set(after["audit_entry"]) - set(before["audit_entry"])
    assert "restored from a backup" in more
    assert len(after["audit_entry"]) == len(before["audit_entry"]) + 1
    assert (other.data_dir / "removals" / "one.png").read_bytes() == b"a picture"
    assert own_key(other.data_dir).private_bytes_raw() == own_key(settings.data_dir).private_bytes_raw()


async def test_a_backup_sees_one_moment_of_a_store_that_is_written_meanwhile(
    world: World,
    tmp_path: Path,
    store_url: str,
    bare_url: str,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows are written after its first look, and until it is done: all of that is after its moment."""
    settings = await lived_in(world, tmp_path / "one", store_url)
    before = await world.everything()
    looked, asked = threading.Event(), threading.Event()

    async def in_between(source: Session, target: Session) -> Mapping[str, int]:
        await (await source.connection()).execute(text("SELECT count(*) FROM audit_entry"))
        looked.set()
        await asyncio.to_thread(asked.wait, 60)
        return await copy_rows(source, target)

    monkeypatch.setattr(backup, "copy_rows", in_between)
    making = asyncio.create_task(asyncio.to_thread(back_up, settings, tmp_path, NOW))
    await asyncio.to_thread(looked.wait, 60)
    waits_for_readers = database == "sqlite" and journal_mode(sqlite3.sqlite_version_info) != "WAL"
    first = 0 if waits_for_readers else 3  # rows that are there before the copying goes on
    written = 0
    while written <= first or not making.done():
        if written == first:
            asked.set()
        written += 1
        await world.put(a_person(1000 + written))
    made = await making
    other = installation(tmp_path / "two", bare_url)
    await asyncio.to_thread(restore, other, made.file, NOW)
    after = await all_rows(other)
    assert made.manifest.seq == len(before["audit_entry"])
    assert after["person"] == before["person"]
    assert len((await world.everything())["person"]) == len(before["person"]) + written
    await verifying.verify(world.store)


async def test_life_goes_on_in_what_came_back(
    world: World, tmp_path: Path, store_url: str, bare_url: str
) -> None:
    settings = await lived_in(world, tmp_path / "one", store_url)
    waited = len([one for one in await world.rows("notice") if one["state"] == "pending"])
    made = await asyncio.to_thread(back_up, settings, tmp_path / "a.backup", NOW)
    other = installation(tmp_path / "two", bare_url)
    said = await asyncio.to_thread(restore, other, made.file, NOW)
    assert any(one.startswith(f"{waited} letters waited") for one in said)
    store = Store.open(other.store_url)
    try:
        again = World(store, world.policy, NOW + timedelta(days=1))
        pending = [one for one in await again.rows("notice") if one["state"] == "pending"]
        assert len(pending) == waited
        assert all(one["uncertain"] for one in pending)
        await again.submit(handle="@another.one")
        await again.drain()
        await verifying.verify(store, kept=made.manifest.hash)
    finally:
        await store.close()


async def test_heads_that_left_say_what_is_missing_since(
    world: World, tmp_path: Path, store_url: str, bare_url: str
) -> None:
    settings = await lived_in(world, tmp_path / "one", store_url)
    made = await asyncio.to_thread(back_up, settings, tmp_path / "a.backup", NOW)
    file, key = tmp_path / "heads", own_key(settings.data_dir)
    heads.append(file, heads.signed(heads.LeftHead(made.manifest.seq, made.manifest.hash), key))
    await world.submit(handle="@after.the.backup")
    async with world.store.read() as session:
        newest = await audit.head(session)
    heads.append(file, heads.signed(heads.LeftHead(newest.seq, newest.hash), key))
    said = await asyncio.to_thread(
        lambda: restore(installation(tmp_path / "two", bare_url), made.file, NOW, heads=file)
    )
    assert f"Entries {made.manifest.seq + 1} to {newest.seq} are missing" in said[1]


def damaged(file: Path, how: str) -> Path:
    """A copy of the backup that somebody, or a disk, has changed."""
    other = file.with_name(f"{how}.backup")
    if how == "cut off":
        other.write_bytes(file.read_bytes()[:-200])
    elif how == "no backup":
        other.write_bytes(b"hello")
    elif how == "missing":
        other.unlink(missing_ok=True)
    elif how == "bit flipped":
        packed = bytearray(file.read_bytes())
        packed[len(packed) // 2] ^= 16  # within the packed store
        other.write_bytes(packed)
    else:
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if how == "changed" and name == "audit.key":
                    content = bytes(32)
                if how == "outside" and name == MANIFEST:
                    content = content.replace(b'"audit.key"', b'"../../audit.key"')
                if not (how == "without" and name == "audit.key"):
                    new.writestr(name, content)
    return other


@pytest.mark.parametrize(
    "files",
    [
        {"store.db": b"hello"},
        {"store.db": b"", "run/program": b"planted"},
        {"store.db": b"", "policy.toml/x": b"planted"},
        {"store.db": b"", "removals/../audit.key": b"planted"},
        {"store.db": b"", "removals/\0": b"planted"},
    ],
)
@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_LZMA])
def test_what_somebody_made_up_is_no_backup(tmp_path: Path, files: dict[str, bytes], packed: int) -> None:
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = backup.Manifest(format=1, made_at=NOW, revision="", seq=0, hash="0" * 64, files=hashes)
    made_up = tmp_path / "made up"
    with zipfile.ZipFile(made_up, "w", packed) as archive:
        archive.writestr(MANIFEST, manifest.model_dump_json())
        for name, content in files.items():
            archive.writestr(name, content)
    empty = installation(tmp_path / "two", None)
    with pytest.raises(BadInput):
        restore(empty, made_up, NOW)
    assert {one.name for one in empty.data_dir.rglob("*")}.isdisjoint({"program", "x", "audit.key"})


@pytest.mark.parametrize(
    "how", ["cut off", "no backup", "missing", "bit flipped", "changed", "outside", "without"]
)
async def test_what_is_damaged_is_refused_and_nothing_is_changed(
    world: World, tmp_path: Path, store_url: str, bare_url: str, how: str
) -> None:
    settings = await lived_in(world, tmp_path / "one", store_url)
    made = await asyncio.to_thread(back_up, settings, tmp_path / "a.backup", NOW)
    other = installation(tmp_path / "two", bare_url)
    with pytest.raises(BadInput):
        await asyncio.to_thread(restore, other, damaged(made.file, how), NOW)
    assert list(other.data_dir.glob("audit.key")) == []


@pytest.mark.parametrize("what", ["the last look", "the files"])
async def test_a_restore_that_fails_late_leaves_the_place_empty_for_the_next_try(
    world: World, tmp_path: Path, store_url: str, bare_url: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = await lived_in(world, tmp_path / "one", store_url)
    made = await asyncio.to_thread(back_up, settings, tmp_path / "a.backup", NOW)
    other = installation(tmp_path / "two", bare_url)
    with monkeypatch.context() as patch:
        if what == "the files":
            patch.setattr(backup, "_put", fails)
        else:
            patch.setattr(verifying, "verify", only_the_first_time(verifying.verify))
        with pytest.raises((BadInput, ChainBroken)):
            await asyncio.to_thread(restore, other, made.file, NOW)
    said = await asyncio.to_thread(restore, other, made.file, NOW)
    assert "The chain verifies" in said[-1]


def fails(*_: object) -> None:
    raise OSError(28, "No space left on device")


def only_the_first_time(verify: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The second look finds what the first did not, as after a fault of the disk."""
    looks = 0

    async def look(store: Store, **more: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks > 1:
            raise ChainBroken("The chain breaks.")
        return await verify(store, **more)

    return look


async def test_a_backup_is_never_written_over_nor_a_store_that_is_in_use(
    world: World, tmp_path: Path, store_url: str
) -> None:
    settings = await lived_in(world, tmp_path / "one", store_url)
    made = await asyncio.to_thread(back_up, settings, tmp_path / "a.backup", NOW)
    with pytest.raises(BadInput, match="never written over"):
        await asyncio.to_thread(back_up, settings, made.file, NOW)
    with pytest.raises(BadInput, match="installation already"):
        await asyncio.to_thread(restore, settings, made.file, NOW)
    with pytest.raises(BadInput, match="audit entries"):
        await asyncio.to_thread(restore, installation(tmp_path / "two", store_url), made.file, NOW)


async def test_no_stack_and_no_restore_have_one_place_at_once(
    world: World, tmp_path: Path, store_url: str
) -> None:
    """A stack that has begun in an empty place lets anybody choose whom to be, and catches every letter."""
    settings = await lived_in(world, tmp_path / "one", store_url)
    made = await asyncio.to_thread(back_up, settings, tmp_path / "a.backup", NOW)
    other = installation(tmp_path / "two", None)
    with alone(other.data_dir), pytest.raises(RunsAlready, match="end it first, then restore"):
        await asyncio.to_thread(restore, other, made.file, NOW)
    assert not (other.data_dir / "steward.db").exists()
    restoring = threading.Event()

    def meanwhile(*_: object) -> None:
        with pytest.raises(RunsAlready, match="wait until that is done"), alone(other.data_dir):
            pass  # a stack begins with it
        restoring.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup, "_put", meanwhile)
        await asyncio.to_thread(restore, other, made.file, NOW)
    assert restoring.is_set()


async def test_two_restores_into_one_database_undo_nothing_of_each_other(
    world: World, tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each from a data directory of its own: the later one emptied what the earlier one had brought back."""
    settings = await lived_in(world, tmp_path / "one", store_url)
    made = await asyncio.to_thread(back_up, settings, tmp_path / "a.backup", NOW)
    url = f"sqlite+aiosqlite:///{tmp_path / 'both.db'}"
    late, early = installation(tmp_path / "late", url), installation(tmp_path / "early", url)
    prepare = backup._prepare

    def meanwhile(mine: Settings) -> None:
        prepare(mine)
        if mine is late:
            restore(early, made.file, NOW)

    monkeypatch.setattr(backup, "_prepare", meanwhile)
    with pytest.raises(BadInput, match="restore into an empty one"):
        await asyncio.to_thread(restore, late, made.file, NOW)
    store = Store.open(url)
    async with store.read() as session:
        assert (await audit.head(session)).seq == made.manifest.seq + 1
    await store.close()


@pytest.mark.parametrize("where", ["file/home", "file"])
async def test_a_folder_that_cannot_be_is_said_in_a_sentence(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSettings, match="Set STEWARD_DATA_DIR"), alone(tmp_path / where):
        pass


async def test_a_store_that_somebody_changed_is_not_backed_up_as_good(
    world: World, tmp_path: Path, store_url: str
) -> None:
    settings = await lived_in(world, tmp_path / "one", store_url)
    async with world.store.write(audited=False) as session:
        await session.run(text("UPDATE account SET handle = '@other' WHERE id = 1"))
    with pytest.raises(ChainBroken):
        await asyncio.to_thread(back_up, settings, tmp_path / "a.backup", NOW)
    assert list(tmp_path.glob("*.backup")) == []  # noqa: ASYNC240
