"""Values that are far out of bounds end in one sentence, before they cost much."""

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from policy.model import load
from schemas.accounts import AccountRequest
from schemas.errors import BadFile, BadInput, BadPolicy, BadSettings
from schemas.settings import load as load_settings
from tasks import clock
from tasks.files.bundle import ENTRIES_LIMIT, read_bundle_files
from tasks.store import Store

NUMBER = 123_456_789_012_345_678_901_234


async def test_a_number_of_24_digits_is_refused_by_both_databases(store: Store) -> None:
    with pytest.raises(BadInput, match="larger than any"):
        async with store.read() as session:
            await session.exec(select(AccountRequest).where(col(AccountRequest.id) == NUMBER))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+asyncpg://u:canary@localhost:notaport/db",
        "postgresql+asyncpg://u:canary@[::1/db",
        "postgresql+asyncpg://u:canary@localhost/db?canary=1",
    ],
)
def test_an_address_that_is_none_is_one_sentence(url: str) -> None:
    with pytest.raises(BadSettings, match="STEWARD_DATABASE_URL") as refused:
        Store.open(url)
    assert "canary" not in str(refused.value)


async def test_an_address_may_have_the_driver_s_options() -> None:
    await Store.open("postgresql+asyncpg://u@/db?host=/nowhere&prepared_statement_cache_size=0").close()


@pytest.mark.parametrize("given", ["nonsense", '["a:b', "[1]", '{"a": 1}', '["no port"]', '["127.0.0.1:0"]'])
def test_pages_to_allow_that_are_no_list_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("STEWARD_PAGE_ALLOW", given)
    with pytest.raises(BadSettings, match="STEWARD_PAGE_ALLOW"):
        load_settings()


@pytest.mark.parametrize("given", ["1e12", "-1e12", "nan", "inf", "soon", ""])
def test_a_clock_that_is_moved_too_far_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(clock.OFFSET, given)
    with pytest.raises(BadSettings, match=clock.OFFSET):
        clock.offset.__wrapped__()


def test_a_clock_may_be_moved_by_years(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.OFFSET, "-86400000")
    assert clock.offset.__wrapped__() == timedelta(days=-1000)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 4000 + "]" * 4000,
        "a = " + "[\n" * 20_000 + "]" * 4000,
        "[" + ".".join("a" * 100_000) + "]",
    ],
    ids=["deep", "deep over lines", "a long key"],
)
def test_a_policy_of_nothing_but_depth_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(BadPolicy, match=r"policy\.toml"):
        load(path)


def zipped(path: Path, entries: int) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(entries):
            archive.writestr(f"{number}.csv", "")
    return path


@pytest.mark.parametrize("entries", [ENTRIES_LIMIT + 1, 70_000])
def test_a_zip_of_too_many_entries_is_refused_before_its_list_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: int
) -> None:
    """70,000 are more than the old form of a zip holds: those have a second record at the end."""
    path = zipped(tmp_path / "many.zip", entries)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(BadFile, match="more than 1,000 entries"):
        read_bundle_files(path, ["orgs.csv"])


def test_a_zip_of_as_many_as_may_be_is_read(tmp_path: Path) -> None:
    assert read_bundle_files(zipped(tmp_path / "some.zip", ENTRIES_LIMIT), ["7.csv"]) == {"7.csv": b""}


@pytest.mark.parametrize(
    ("how", "says"), [("packed", "packed in an unusual way"), ("nameless", "the zip is damaged")]
)
def test_a_zip_that_no_roster_comes_in_is_refused(tmp_path: Path, how: str, says: str) -> None:
    """What LZMA unpacks to memory is as large as the file says; a name may be empty."""
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA if how == "packed" else zipfile.ZIP_STORED) as archive:
        archive.writestr("orgs.csv", "sourcedId")
        archive.writestr("x", "")
        if how == "nameless":
            archive.filelist[-1].filename = ""
    with pytest.raises(BadFile, match=says):
        read_bundle_files(path, ["orgs.csv"])
