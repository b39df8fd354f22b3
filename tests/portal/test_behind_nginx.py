"""The pages as they are in use: two processes on PostgreSQL behind Debian's nginx, with the shipped file."""

import asyncio
import os
import shutil
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.words import SignInWay
from tasks import clock
from tasks.sign_in import sessions
from tasks.store import Store
from tests.mail.mail_types import Authority
from tests.stack.running import free_ports
from tests.support.databases import ROOT
from tests.support.world import TEACHER, division

NAME = "accounts.example.org"
FAKE = {"what": "other", "says": "It asks for money."}


@dataclass
class Front:
    """nginx with processes of Steward behind it."""

    plain: int
    secure: int
    behind: Sequence[int]
    context: ssl.SSLContext
    env: dict[str, str]
    running: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)

    def browser(self, **options: Any) -> httpx.AsyncClient:
        """One that comes by https to this machine, and asks for the name."""
        headers = {"Host": NAME, "Sec-Fetch-Site": "same-origin", **options.pop("headers", {})}
        return httpx.AsyncClient(
            base_url=f"https://127.0.0.1:{self.secure}", verify=self.context, headers=headers, **options
        )

    async def begin(self, port: int) -> None:
        """Start the process of this port, and wait until it answers."""
        self.running[port] = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "portal"), cwd=ROOT, env={**self.env, "STEWARD_PORTAL_PORT": str(port)}
        )
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Host": NAME}) as asking:
            while process.returncode is None:
                try:
                    if (await asking.get("/readyz")).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(f"it ended with {process.returncode}")

    async def end(self, port: int) -> int:
        """Tell the process of this port to end, and wait for it; its exit code."""
        process = self.running.pop(port)
        process.send_signal(signal.SIGTERM)
        return await process.wait()


def as_shipped(folder: Path, front: Front, certificate: Path) -> Path:
    """The shipped file in a whole configuration, with the ports and the certificate of a test."""
    shipped = (ROOT / "deployments" / "nginx.conf").read_text()
    for old, new in (
        ("listen 443", f"listen 127.0.0.1:{front.secure}"),
        ("listen 80", f"listen 127.0.0.1:{front.plain}"),
        ("127.0.0.1:4280", f"127.0.0.1:{front.behind[0]}"),
        ("127.0.0.1:4281", f"127.0.0.1:{front.behind[1]}"),
        ("/etc/ssl/steward/chain.pem", str(certificate)),
        ("/etc/ssl/steward/key.pem", str(certificate)),
    ):
        assert old in shipped, old
        shipped = shipped.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    whole = folder / "nginx.conf"
    whole.write_text(
        ("user root;\n" if os.geteuid() == 0 else "")
        + f"daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        + f"events {{}}\nhttp {{\n{places}\n{shipped}\n}}\n"
    )
    return whole


@asynccontextmanager
async def nginx(configuration: Path) -> AsyncIterator[None]:
    """It, until the end."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    assert program, "This test talks to a web server of Debian: apt-get install nginx-light"
    running = await asyncio.create_subprocess_exec(
        *(program, "-p", str(configuration.parent), "-c", str(configuration)),
        *("-e", str(configuration.parent / "error.log")),
    )
    try:
        yield
    finally:
        running.terminate()
        await running.wait()


@pytest.fixture
async def front(postgresql_url: str, tmp_path: Path, now: datetime) -> AsyncIterator[Front]:
    """Two processes and nginx."""
    authority = Authority(tmp_path)
    authority.server_context()
    context = ssl.create_default_context(cafile=str(authority.file))
    context.check_hostname = False  # its certificate has the address of this machine
    plain, secure, *behind = free_ports(4)
    ours = ("STEWARD_", "PREFECT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env = {
        **kept,
        "STEWARD_DATA_DIR": str(tmp_path),
        "STEWARD_DATABASE_URL": postgresql_url,
        "STEWARD_PORTAL_URL": f"https://{NAME}",
        "STEWARD_PORTAL_PROXIES": '["127.0.0.1"]',
        "STEWARD_PORTAL_SIGN_IN": '["mail"]',
        clock.OFFSET: f"{(now - clock.wall()).total_seconds():.0f}",
    }
    made = Front(plain, secure, behind, context, env)
    (tmp_path / "web").mkdir()
    async with AsyncExitStack() as stack:
        for port in behind:
            stack.push_async_callback(_ended, made, port)
        await asyncio.gather(*map(made.begin, behind))
        certificate = tmp_path / "server-127.0.0.1.pem"
        await stack.enter_async_context(nginx(as_shipped(tmp_path / "web", made, certificate)))
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", secure)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                break
        yield made


async def _ended(front: Front, port: int) -> None:
    if port in front.running:
        await front.end(port)


async def test_two_processes_behind_nginx(front: Front, postgresql_url: str, now: datetime) -> None:
    store = Store.open(postgresql_url)
    async with store.write() as session:
        for row in division():
            session.add(row)
            await session.flush()
    token = await sessions.begin(store, TEACHER, SignInWay.MAIL, now=now, lasts=timedelta(hours=12))
    await store.close()

    async with httpx.AsyncClient() as anybody:
        sent = await anybody.get(f"http://127.0.0.1:{front.plain}/verify?q=a", headers={"Host": NAME})
        assert (sent.status_code, sent.headers["location"]) == (301, f"https://{NAME}/verify?q=a")

    as_named = {"sni_hostname": NAME}
    async with front.browser() as unnamed:
        with pytest.raises(httpx.ConnectError):
            await unnamed.get("/sign-in")
    async with front.browser(headers={"Host": "evil.example.org"}) as other:
        assert (await other.get("/sign-in", extensions=as_named)).status_code >= 400

    async with front.browser(cookies={"__Host-steward-session": token}) as browser:

        async def first() -> int:
            answer = await browser.get("/", extensions=as_named)
            assert answer.is_error or answer.headers["strict-transport-security"]
            return answer.status_code

        assert await first() == 200
        # each network has its limit; who forges another address for every form is one network all the same
        refused = 0
        for number in range(11):  # five in an hour, in each of two processes
            answer = await browser.post(
                "/report",
                data={**FAKE, "address": f"https://example.org/{number}"},
                headers={"X-Forwarded-For": f"203.0.113.{number}"},
                extensions=as_named,
            )
            refused += answer.status_code == 429
        assert refused

        # one after the other is restarted while people ask: nobody sees it
        answers: list[int] = []
        over = asyncio.Event()

        async def ask_on() -> None:
            while not over.is_set():
                answers.append(await first())

        asking = asyncio.create_task(ask_on())
        for port in front.behind:
            assert await front.end(port) in {0, -signal.SIGTERM}
            await front.begin(port)
        over.set()
        await asking
        assert set(answers) == {200}
        assert len(answers) > 10
