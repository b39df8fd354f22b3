"""A mail server with faults to order, settings that point at it, and a certificate authority of our own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from schemas.settings import Settings
from tests.mail.debian_server import Exim, exim
from tests.mail.mail_types import Authority, SettingsFor
from tests.support.smtp_server import Server, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server that takes everything until it is told otherwise."""
    async with serving() as running:
        yield running


@pytest.fixture
def settings_for(tmp_path: Path) -> SettingsFor:
    """Settings for a port; a test of a server that falls silent gives a shorter timeout."""

    def make(port: int, **more: object) -> Settings:
        values: dict[str, object] = {
            "data_dir": tmp_path,
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_timeout_seconds": 60,
            "mail_from": "Steward <steward@example.org>",
            "mail_reply_to": "communications@example.org",
        }
        return Settings.model_validate({**values, **more})

    return make


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody but these tests trusts."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def exim_server() -> AsyncIterator[Exim]:
    """A mail server of Debian."""
    async with exim() as server:
        yield server
