"""Sixteen machines that are one: each has an address of its own on loopback, a folder, and settings there.

What is started on each is what an operator starts there: `steward machine …`, and the programs of others as
they come (PostgreSQL, Redis, nginx). Nothing of one machine's folder is read by another, but for the one
folder that docs/machines.md says all of them share.
"""

import asyncio
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import psutil

from deployments.local import environment, marks, postgres, prefect_setup
from deployments.local.parts import Part, PartFailed
from deployments.local.waiting import port_answers, until
from schemas.settings import ROOT
from tasks import clock
from tasks.prefect.api import PrefectApi

NET = "127.0.44"
DATABASE, REDIS, PROXY, SERVICES, MAIL = (f"{NET}.{last}" for last in (2, 3, 7, 6, 1))
APIS = (f"{NET}.4", f"{NET}.5")
WORKERS = (f"{NET}.11", f"{NET}.12", f"{NET}.13")
PORTALS = (f"{NET}.21", f"{NET}.22")
API_PORT, PAGES_PORT, DATABASE_PORT, REDIS_PORT = 4200, 4280, 5432, 6379
#: The one address of Prefect's API, and the one of the web pages.
HOST = "accounts.example.org"
API = f"http://{PROXY}:{API_PORT}/api"
#: Which queues a worker serves: each queue has two of three machines.
QUEUES: Mapping[str, tuple[str, ...]] = {
    WORKERS[0]: ("decisions", "lifecycles"),
    WORKERS[1]: ("mail", "sweep"),
    WORKERS[2]: (),
}

#: The one run form that is deployed: its runs are what is counted from one worker to three.
FORM = "record-a-completion"

_NGINX = """\
{user}daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
{places}
    access_log off;
    client_max_body_size 64m;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
    upstream prefect {{ least_conn; {apis} }}
    upstream steward {{ {portals} }}
    server {{
        listen {proxy}:{api_port};
        location / {{
            proxy_pass http://prefect;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_connect_timeout 2s;
            proxy_read_timeout 120s;
            proxy_next_upstream error timeout;
        }}
    }}
    server {{
        listen {proxy}:{pages_port};
        location / {{
            proxy_pass http://steward;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto https;
            proxy_connect_timeout 2s;
            proxy_next_upstream error timeout;
        }}
    }}
}}
"""


def api_login(secret: str) -> str:
    """Prefect's auth string."""
    return f"steward:{secret}"


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise PartFailed(f"{name} is not installed: apt-get install redis-server nginx-light")
    return found


@dataclass
class Rig:
    """Where it all is, and what runs. `at`: the moment that Steward's clock is moved to."""

    folder: Path
    offset_seconds: int
    page_allow: str
    parts: dict[str, Part] = field(default_factory=dict)
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    @property
    def mark(self) -> str:
        return marks.of_folder(self.folder) + "rig"

    @property
    def store_url(self) -> str:
        return f"postgresql+asyncpg://steward:{self.secret}@{DATABASE}:{DATABASE_PORT}/steward"

    @property
    def prefect_database(self) -> str:
        return f"postgresql+asyncpg://prefect:{self.secret}@{DATABASE}:{DATABASE_PORT}/prefect"

    @property
    def mailbox(self) -> Path:
        return self.folder / "mail" / "kept"

    def settings(self, address: str) -> dict[str, str]:
        """What an operator writes into steward.env of the machine at an address."""
        prefect = self.prefect_database
        every = {
            "STEWARD_PREFECT_URL": API,
            "STEWARD_PREFECT_AUTH": api_login(self.secret),
            "STEWARD_SAMPLE": "false",
        }
        if address in (*APIS, SERVICES):
            return {
                **every,
                "STEWARD_PREFECT_HOST": address,
                "STEWARD_PREFECT_DATABASE_URL": prefect,
                "STEWARD_REDIS_URL": f"redis://default:{self.secret}@{REDIS}:{REDIS_PORT}/0",
            }
        return {
            **every,
            "STEWARD_MACHINE": f"m{address.rpartition('.')[2]}",
            "STEWARD_DATABASE_URL": self.store_url,
            "STEWARD_PREFECT_DATABASE_URL": prefect,  # for `prepare` alone
            "STEWARD_FILES_DIR": str(self.folder / "shared"),
            "STEWARD_SMTP_HOST": "127.0.0.1",
            "STEWARD_SMTP_PORT": "2544",
            "STEWARD_PORTAL_HOST": address if address in PORTALS else "127.0.0.1",
            "STEWARD_PORTAL_URL": f"https://{HOST}",
            "STEWARD_PORTAL_PROXIES": '["127.0.0.1"]',
            "STEWARD_PORTAL_SIGN_IN": '["mail"]',
            "STEWARD_PAGE_ALLOW": self.page_allow,
            "STEWARD_PAGE_BROWSER": "false",  # sixteen machines have two processors: page_checks measures it
        }

    def data(self, address: str) -> Path:
        """The data directory of a machine, with its settings."""
        home = self.folder / address
        if not home.is_dir():
            home.mkdir(mode=0o700)
            lines = [f"{name}={value}\n" for name, value in self.settings(address).items()]
            (home / "steward.env").write_text("".join(lines))
        return home

    def env(self, address: str) -> dict[str, str]:
        """Of a shell on that machine: nothing but where its data are, and the moved clock."""
        return {
            **environment.base(self.mark),
            "STEWARD_DATA_DIR": str(self.data(address)),
            clock.OFFSET: str(self.offset_seconds),
        }

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    async def keep(self, name: str, part: Part) -> None:
        """Start it, and keep it under a name."""
        self.parts[name] = part
        await part.start()

    async def steward(self, name: str, address: str, *words: str) -> None:
        """A part in the foreground, as a unit of that machine would start it."""
        program = str(Path(sys.executable).with_name("steward"))
        part = Part(name, [program, "machine", *words], self.env(address), self._log(name), ROOT)
        await self.keep(name, part)

    async def once(self, address: str, *words: str) -> None:
        """A command to its end, on that machine."""
        program = str(Path(sys.executable).with_name("steward"))
        await Part(
            words[0], [program, "machine", *words], self.env(address), self._log(words[0]), ROOT
        ).finish()

    async def deploy(self, api: PrefectApi) -> None:
        """As `steward machine deploy`, without the run forms: nobody fills them in, and they take minutes."""
        begun, *every = (ROOT / "prefect.yaml").read_text().split("\n  - name: ")
        kept = [one for one in every if "tags: [form]" not in one or one.startswith(FORM)]
        file = self.folder / "prefect.yaml"
        file.write_text("\n  - name: ".join([begun, *kept]))
        await prefect_setup.ensure_pool(api)
        env = {
            **self.env(WORKERS[0]),
            "PREFECT_API_URL": API,
            "PREFECT_API_AUTH_STRING": api_login(self.secret),
        }
        words = ("--no-prompt", "deploy", "--all", "--prefect-file", str(file))
        await Part("deploy", [*environment.PREFECT, *words], env, self._log("deploy"), ROOT).finish()

    async def start_database(self) -> None:
        """PostgreSQL, with a password for who comes over the network."""
        data = self.folder / "postgres"
        env = environment.bare(self.mark)
        fresh = not data.exists()
        await asyncio.to_thread(postgres.ensure, data, env)
        (data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.0/8 scram-sha-256\n")
        more = (f"listen_addresses={DATABASE}", f"port={DATABASE_PORT}", "max_connections=200")
        command = [*postgres.command(data), *(word for one in more for word in ("-c", one))]
        part = Part("database", command, env, self._log("database"), data, postgres.account(), signal.SIGINT)
        await self.keep("database", part)
        await until(lambda: postgres.serves(data), "PostgreSQL", 0.05)
        if fresh:
            admin = await asyncpg.connect(
                host=str(postgres.socket_dir(data)), user=postgres.USER, database="postgres"
            )
            for name in ("steward", "prefect"):
                await admin.execute(f"CREATE ROLE {name} SUPERUSER LOGIN PASSWORD '{self.secret}'")
                await admin.execute(f"CREATE DATABASE {name} OWNER {name}")
            await admin.close()

    async def start_redis(self) -> None:
        """Redis, that keeps what it was told over its own end."""
        home = self.folder / "redis"
        home.mkdir(exist_ok=True)
        words = ("--bind", REDIS, "--port", str(REDIS_PORT), "--dir", str(home), "--save", "")
        safe = ("--appendonly", "yes", "--requirepass", self.secret)
        command = [_program("redis-server"), *words, *safe]
        await self.keep(
            "redis", Part("redis", command, environment.bare(self.mark), self._log("redis"), home)
        )
        await until(lambda: port_answers(REDIS, REDIS_PORT), "Redis", 0.05)
        if not self.parts["redis"].running:  # somebody else's answers there
            raise self.parts["redis"].failure()

    async def start_proxy(self) -> None:
        """nginx: one address for the API servers, one for the web pages."""
        home = self.folder / "nginx"
        home.mkdir(exist_ok=True)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        text = _NGINX.format(
            user="user root;\n" if os.geteuid() == 0 else "",
            folder=home,
            places="\n".join(f"    {kind}_temp_path {home}/{kind};" for kind in kinds),
            apis=" ".join(f"server {one}:{API_PORT} max_fails=0;" for one in APIS),
            portals=" ".join(f"server {one}:{PAGES_PORT} max_fails=0;" for one in PORTALS),
            proxy=PROXY,
            api_port=API_PORT,
            pages_port=PAGES_PORT,
        )
        (home / "nginx.conf").write_text(text)
        command = [
            _program("nginx"),
            "-p",
            str(home),
            "-c",
            str(home / "nginx.conf"),
            "-e",
            f"{home}/error.log",
        ]
        await self.keep(
            "proxy", Part("proxy", command, environment.bare(self.mark), self._log("proxy"), home)
        )
        await until(lambda: port_answers(PROXY, PAGES_PORT), "nginx", 0.05)

    async def start_mail(self) -> None:
        """A mail server that keeps each message as a file."""
        command = [sys.executable, "-m", "deployments.local.mail_catcher", "2544", str(self.mailbox)]
        await self.keep("mail", Part("mail", command, environment.base(self.mark), self._log("mail"), ROOT))
        await until(lambda: port_answers("127.0.0.1", 2544), "The mail server", 0.05)

    async def start_servers(self) -> None:
        """Two API servers and the services; until the API answers through the proxy."""
        for number, address in enumerate(APIS, start=1):
            await self.steward(f"api {number}", address, "api")
        await self.steward("services", SERVICES, "services")
        for address in APIS:
            await until(lambda one=address: port_answers(one, API_PORT), "An API server")  # type: ignore[misc]

    async def start_worker(self, number: int, limit: int, queues: Sequence[str] | None = None) -> None:
        """The worker of the machine with this number, 1 to 3."""
        address = WORKERS[number - 1]
        served = QUEUES[address] if queues is None else queues
        words = [word for one in served for word in ("--queue", one)]
        await self.steward(f"worker {number}", address, "worker", "--limit", str(limit), *words)

    async def start_portals(self) -> None:
        """Two processes of web pages."""
        for number, address in enumerate(PORTALS, start=1):
            await self.steward(f"pages {number}", address, "pages")
        for address in PORTALS:
            await until(lambda one=address: port_answers(one, PAGES_PORT), "The web pages")  # type: ignore[misc]

    async def kill(self, name: str) -> None:
        """The machine's power goes: the part and all that it started are killed at once."""
        part = self.parts[name]
        family = [psutil.Process(part.pid), *psutil.Process(part.pid).children(recursive=True)]
        for one in family:
            try:
                one.kill()
            except psutil.NoSuchProcess:
                continue
        await part.ended()

    async def again(self, name: str) -> None:
        """What a supervisor does: the same once more."""
        await self.parts[name].start()

    async def end(self, *names: str) -> None:
        """End parts in good order."""
        await asyncio.gather(*(self.parts[name].stop() for name in names))

    async def close(self) -> None:
        """End everything in good order: what others lean on comes last."""
        last = [name for name in ("proxy", "redis", "database") if name in self.parts]
        await self.end(*(name for name in self.parts if name not in last))
        await self.end(*last)

    def end_all(self) -> None:
        """Whatever is left of it, also where it was broken off."""
        for part in self.parts.values():
            with suppress(psutil.Error):  # Redis and nginx overwrite their environment: no mark is seen there
                parent = psutil.Process(part.pid)
                for one in (parent, *parent.children(recursive=True)):  # the parent first: it makes new ones
                    one.kill()
        for address in (*APIS, SERVICES, *WORKERS, *PORTALS):
            marks.end_all(marks.of_folder(self.folder / address))
        marks.end_all(self.mark)
