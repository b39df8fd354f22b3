"""Signed heads of the audit chain: what left is read back, and nothing else is."""

import os
import stat
from pathlib import Path

import pytest

from schemas.errors import BadInput
from tasks.files import heads
from tasks.files.heads import LeftHead
from tasks.files.own_key import own_key, own_secret

FIRST, SECOND = LeftHead(3, "ab" * 32), LeftHead(12, "0f" * 32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that two heads left to."""
    for head in (FIRST, SECOND):
        heads.append(tmp_path / "heads", heads.signed(head, own_key(tmp_path)))
    return tmp_path / "heads"


def test_heads_that_left_are_read_with_the_public_key(file: Path) -> None:
    kept = heads.public_text(own_key(file.parent).public_key())
    assert heads.read(file, heads.public_key(f" {kept}\n")) == (FIRST, SECOND)


def test_the_key_and_the_heads_are_for_their_owner_alone(file: Path) -> None:
    for path in (file, file.parent / "audit.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_changed_byte_is_refused(file: Path) -> None:
    whole, key = file.read_bytes(), own_key(file.parent).public_key()
    for at in range(len(whole)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(BadInput):
            heads.read(file, key)


def test_heads_of_another_key_are_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(BadInput, match=r"Head 1 .* not signed with this key"):
        heads.read(file, own_key(tmp_path / "other").public_key())


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"steward-audit-chain\n3\n"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "heads"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="heads"):
        heads.read(path, own_key(tmp_path).public_key())


@pytest.mark.parametrize("text", ["", "abc", "ä", "AAAA", "A" * 44])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="copy it again"):
        heads.public_key(text)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "audit.key").write_bytes(b"short")
    with pytest.raises(BadInput, match="from a backup"):
        own_key(tmp_path)


def test_a_key_whose_making_was_cut_off_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(_number: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", cut)
        with pytest.raises(BadInput, match="No space left"):
            own_key(tmp_path)
    assert list(tmp_path.iterdir()) == [], "nothing half made is left"
    assert own_key(tmp_path).private_bytes_raw() == own_key(tmp_path).private_bytes_raw()


def test_a_secret_is_of_one_installation_and_one_purpose(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    made = [own_secret(tmp_path, "one"), own_secret(tmp_path, "two"), own_secret(other, "one")]
    assert made[0] == own_secret(tmp_path, "one")
    assert len(set(made)) == len(made)
