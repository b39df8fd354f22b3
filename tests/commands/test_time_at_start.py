"""What `steward up` says about time, and whose zone data what it starts goes by."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployments.local import environment
from deployments.local.starting import next_commands, remarks
from policy.calendar import Calendar
from schemas.errors import BadPolicy
from schemas.settings import Settings
from tasks import clock

SUMMER, WINTER = datetime(2026, 7, 1, 18, tzinfo=UTC), datetime(2026, 12, 1, 18, tzinfo=UTC)


def test_what_is_started_takes_its_zones_from_the_package(tmp_path: Path) -> None:
    """Alberta stays at UTC-6: with a machine's older data Prefect's schedules are an hour late in winter."""
    asks = (
        "from datetime import datetime; from zoneinfo import ZoneInfo, TZPATH; "
        "print(TZPATH, datetime(2026, 12, 1, 6, tzinfo=ZoneInfo('America/Edmonton')).isoformat())"
    )
    said = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", asks],
        env=environment.client(Settings(data_dir=tmp_path), "mark"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "() 2026-12-01T06:00:00-06:00\n"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, None), (93600, "1 day, 2:00:00 ahead"), (-7200, "2:00:00 back")],
)
def test_a_moved_clock_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, said: str | None
) -> None:
    monkeypatch.setattr(clock, "offset", lambda: timedelta(seconds=seconds))
    monkeypatch.setattr(Calendar, "zone_data_differs", lambda _self, _now: None)
    noted = remarks(Settings(data_dir=tmp_path), SUMMER)
    assert [said in one and clock.OFFSET in one for one in noted if said] == [True] * (said is not None)
    assert bool(noted) is (said is not None)


def test_other_zone_data_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Calendar, "zone_data_differs", lambda _self, now: f"differs at {now:%Y-%m-%d}")
    assert remarks(Settings(data_dir=tmp_path), WINTER) == ("differs at 2026-12-01",)


def test_a_broken_policy_ends_the_start_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[division\n")
    with pytest.raises(BadPolicy):
        remarks(Settings(data_dir=tmp_path, policy_file=tmp_path / "policy.toml"), SUMMER)


def test_what_up_prints_works_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installed command by its whole path, and the data directory where it is not the usual one."""
    monkeypatch.delenv("STEWARD_DATA_DIR")
    usual, other = Settings(), Settings(data_dir=tmp_path / "some where")
    assert "STEWARD_DATA_DIR" not in next_commands(usual)
    for settings in (usual, other):
        lines = [line.strip() for line in next_commands(settings).splitlines()]
        commands = [line for line in lines if not line.startswith("#")]
        assert len(commands) == 4
        for command in commands:
            done = subprocess.run(  # noqa: S602 - as a person types it
                f"{command} --help", shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, "")
