"""Exim as Debian ships it, in a folder of its own: another implementation's idea of SMTP.

Each connection is a process that speaks SMTP on its standard input and output, so it needs no privileges,
no port below 1024 and nothing of the machine's own mail configuration.
"""

import asyncio
import contextlib
import os
import pwd
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "exim4-daemon-light"

CONFIGURATION = """
primary_hostname = mail.example.org
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
deliver_drop_privilege = true
untrusted_set_sender = *
local_from_check = false
keep_environment =
tls_advertise_hosts =
acl_smtp_rcpt = check_recipient

begin acl
check_recipient:
  deny local_parts = unknown
       message = 5.1.1 no such person
  defer local_parts = busy
       message = 4.2.1 come back later
  accept domains = example.org
  deny message = 5.7.1 relay not permitted

begin routers
everybody:
  driver = accept
  transport = maildir

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = {folder}/inbox
  create_directory
  envelope_to_add
  return_path_add
"""


def program() -> str:
    """Where it is installed. Raises RuntimeError saying what to install: nothing passes without it."""
    found = shutil.which("exim4", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise RuntimeError(f"These tests talk to a Debian mail server: apt-get install {PACKAGE}")
    return found


@dataclass
class Exim:
    """The running server."""

    port: int
    folder: Path

    @property
    def inbox(self) -> list[bytes]:
        """Every message that it delivered, oldest first."""
        files = (self.folder / "inbox" / "new").glob("*")
        return [file.read_bytes() for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    @property
    def log(self) -> str:
        """What it wrote down."""
        return (self.folder / "log" / "mainlog").read_text()


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that Exim can reach after it has dropped its privileges."""
    folder = Path(tempfile.mkdtemp(prefix="steward-exim-"))
    try:
        folder.chmod(0o755)
        configuration = CONFIGURATION.format(folder=folder)
        if os.geteuid() != 0:
            configuration = f"exim_user = {os.geteuid()}\nexim_group = {os.getegid()}\n" + configuration
        (folder / "configuration").write_text(configuration)
        (folder / "configuration").chmod(0o644)
        for name in ("spool", "log", "inbox"):
            (folder / name).mkdir()
            if os.geteuid() == 0:
                exim = pwd.getpwnam("Debian-exim")
                os.chown(folder / name, exim.pw_uid, exim.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    with contextlib.suppress(ConnectionError, RuntimeError):
        target.close()


@asynccontextmanager
async def exim() -> AsyncIterator[Exim]:
    """The server on a free loopback port for as long as the block runs."""
    command = program()
    conversations: set[asyncio.Task[None]] = set()
    with _folder() as folder:

        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            process = await asyncio.create_subprocess_exec(
                command,
                *("-C", str(folder / "configuration"), "-odi", "-bs"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            assert process.stdin is not None
            assert process.stdout is not None
            await asyncio.gather(_pump(reader, process.stdin), _pump(process.stdout, writer))
            await process.wait()

        def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(converse(reader, writer))
            conversations.add(task)

        listening = await asyncio.start_server(begin, "127.0.0.1", 0)
        try:
            yield Exim(listening.sockets[0].getsockname()[1], folder)
        finally:
            listening.close()
            await asyncio.gather(*conversations)
