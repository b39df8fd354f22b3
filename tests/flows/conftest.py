"""Prefect's server as its own test harness starts it, and a small division that its runs find."""

import gc
import socket
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tasks import clock
from tasks.prefect.api import PrefectApi
from tests.flows.patient import Patient
from tests.support.world import World


@pytest.fixture(scope="package")
def prefect_server() -> Iterator[None]:
    """One server for all flows: it takes some seconds to start. It ends with the last of them."""
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415 - two seconds, for one worker

    with prefect_test_harness(server_startup_timeout=120):
        yield
    let_go_of_sockets()


def let_go_of_sockets() -> None:
    """Prefect's client drops its sockets instead of closing them: that is not ours to fail for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(autouse=True)
def sockets() -> Iterator[None]:
    """What one run leaves behind is gone before the next test begins."""
    yield
    let_go_of_sockets()


@pytest.fixture
async def api(prefect_server: None) -> AsyncIterator[PrefectApi]:  # noqa: ARG001 - it is asked
    """Its API."""
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415 - as above

    url = PREFECT_API_URL.value()
    assert url
    async with Patient(url, None, 60) as one:
        yield one


@pytest.fixture
def division(
    prefect_server: None,  # noqa: ARG001 - the runs need it
    one_world: World,
    sqlite_url: str,
    now: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """What the environment of a run leads to. No mail server listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("STEWARD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("STEWARD_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("STEWARD_SMTP_PORT", str(port))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr(clock, "now", lambda: now)
    return one_world
