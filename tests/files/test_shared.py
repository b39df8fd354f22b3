"""What one machine writes and another one reads: two data directories, and one folder that both reach."""

from io import BytesIO
from pathlib import Path

import pytest
from starlette.datastructures import UploadFile

from deployments.local.backup import _gathered
from portal import uploads
from schemas.settings import FILE, Settings
from tasks.files.own_key import forgotten_secret, own_key
from tasks.public import removals


@pytest.fixture
def two(tmp_path: Path) -> tuple[Settings, Settings]:
    shared = tmp_path / "shared"
    one, other = (Settings(data_dir=tmp_path / name, files_dir=shared) for name in ("one", "other"))
    return one, other


async def test_a_file_brought_to_one_is_taken_in_at_the_other(two: tuple[Settings, Settings]) -> None:
    one, other = two
    kept = await uploads.keep(one, 7, [UploadFile(BytesIO(b"a,b\n1,2\n"), filename="roster.csv")])
    found = uploads.find(other, 7, kept.sha256)
    assert found is not None
    assert found.path.read_bytes() == b"a,b\n1,2\n"
    assert uploads.find(other, 8, kept.sha256) is None, "it is another person's"
    assert not one.data_dir.exists()


def test_all_machines_have_one_key_and_know_the_same_forgotten_people(
    two: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = []
    for one in two:
        monkeypatch.setenv("STEWARD_DATA_DIR", str(one.data_dir))
        monkeypatch.setenv("STEWARD_FILES_DIR", str(one.files_dir))
        secrets.append(forgotten_secret())
    assert secrets[0] == secrets[1]
    assert removals.folder() == two[0].shared_dir / "removals"
    keys = {own_key(one.shared_dir).private_bytes_raw() for one in two}
    assert len(keys) == 1


def test_a_backup_of_one_has_what_all_share(two: tuple[Settings, Settings], tmp_path: Path) -> None:
    one, _ = two
    own_key(one.shared_dir)
    (one.shared_dir / "removals").mkdir()
    (one.shared_dir / "removals" / "copy.png").write_bytes(b"a picture")
    one.data_dir.mkdir()
    (one.data_dir / FILE).write_text("STEWARD_SAMPLE=false\n")
    to = tmp_path / "made"
    to.mkdir()
    assert sorted(_gathered(one, to)) == ["audit.key", "removals/copy.png", FILE]
