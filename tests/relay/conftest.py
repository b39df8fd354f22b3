"""A double of Prefect, and the environment that leads there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schemas.settings import Settings
from tests.relay.prefect_double import AUTH, PrefectDouble, prefect, wait_for_prefect


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
async def double(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PrefectDouble]:
    """The double; it is never late, however busy the machine."""
    async with prefect() as made:
        wait_for_prefect(monkeypatch, seconds=60)
        monkeypatch.setenv("PREFECT_API_URL", made.url)
        monkeypatch.setenv("PREFECT_API_AUTH_STRING", AUTH)
        yield made
