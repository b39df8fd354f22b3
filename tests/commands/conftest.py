"""`steward` as a user runs it: a small division in a store, a fixed moment, and no Prefect."""

from datetime import datetime
from pathlib import Path

import pytest

from policy.model import Policy
from tasks import clock
from tests.commands.terminal import Terminal
from tests.support.world import division


@pytest.fixture
def home(tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data directory; the commands' clock stands still, and there is no Prefect."""
    monkeypatch.setenv("STEWARD_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr(clock, "now", lambda: now)
    return tmp_path / "home"


@pytest.fixture
def terminal(
    home: Path,  # noqa: ARG001 - the environment
    sqlite_url: str,
    policy: Policy,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    monkeypatch.setenv("STEWARD_DATABASE_URL", sqlite_url)
    made = Terminal(sqlite_url, policy, now)
    made.world(lambda world: world.put(*division()))
    return made
