"""What other users of the machine get of a data directory, and a child of the caller's environment."""

from pathlib import Path

import pytest

from deployments.local import environment, postgres
from deployments.local.rights import close_to_others, open_to_others
from schemas.settings import Settings


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "mail").mkdir(parents=True, mode=0o755)
    for name in ("steward.db", "mail/000001.eml"):
        (data / name).write_text("")
        (data / name).chmod(0o644)
    (tmp_path / "outside").write_text("")
    (tmp_path / "outside").chmod(0o644)
    (data / "link").symlink_to(tmp_path / "outside")
    before = tmp_path.stat().st_mode
    assert [path.name for path in open_to_others(data)] == ["mail", "000001.eml", "steward.db"]

    close_to_others(data)

    assert open_to_others(data) == []
    assert data.stat().st_mode & 0o777 == (0o700 if postgres.account() is None else 0o711)
    assert (tmp_path / "outside").stat().st_mode & 0o777 == 0o644
    assert tmp_path.stat().st_mode == before


def test_a_child_gets_what_is_on_its_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=tmp_path)
    secrets = ("CLOUD_KEY", "STEWARD_SMTP_PASSWORD", "STEWARD_DATABASE_URL", "PREFECT_PROFILE")
    for name in secrets:
        monkeypatch.setenv(name, "canary")
    started = {
        "postgres": environment.bare("mark"),
        "mail": environment.base("mark"),
        "server": environment.server(settings, "mark", "url"),
        "store, deploy": environment.client(settings, "mark"),
        "worker": environment.client(settings, "mark", sends_mail=True),
    }

    assert {name: {one for one in secrets if one in env} for name, env in started.items()} == {
        "postgres": set(),
        "mail": set(),
        "server": set(),
        "store, deploy": {"STEWARD_DATABASE_URL"},
        "worker": {"STEWARD_DATABASE_URL", "STEWARD_SMTP_PASSWORD"},
    }
