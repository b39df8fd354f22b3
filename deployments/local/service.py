"""Steward as a service of the machine: the systemd unit that starts it, and starts it again.

The unit runs `steward up --empty` as a user of its own, who may write to the data directory and nowhere else.
On one of several machines it runs one part of it.
"""

import os
import pwd
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import BadInput
from schemas.settings import FILE

UNIT = "steward.service"
#: What is a unit of its own on one of several machines, by the words of `steward machine`.
PARTS = ("api", "services", "worker", "pages")
#: On one machine, what fails again and again stops. Of several, the others may be away for long: it goes on.
_GIVES_UP, _GOES_ON = "StartLimitIntervalSec=10min\nStartLimitBurst=5", "StartLimitIntervalSec=0"
#: The one setting that the unit itself carries: the others stand in the file of the data directory.
_CARRIED = "STEWARD_DATA_DIR"
#: In a unit a space, a quote, a percent sign or a backslash would mean something else.
_PLAIN = re.compile(r"/[\w./@:+=,-]*")
_HOMES = ("/home", "/root", "/run/user")

_TEXT = """\
# Made by `steward service install`, which writes it anew. Your own lines: `systemctl edit steward`.
[Unit]
Description=Steward, which keeps official accounts the way their policy asks{what}
Wants=network-online.target
After=network-online.target time-sync.target
{limit}

[Service]
Type=exec
User={user}
WorkingDirectory={checkout}
Environment={carried}={data_dir}
ExecStart={program} {words}
# Settings that can't be used end it with 2: starting again would not help.
Restart=on-failure
RestartSec=15s
RestartPreventExitStatus=2
# Its first process ends the others in order; what is left after that time is killed.
KillMode=mixed
TimeoutStopSec=2min
# A run that takes too much memory is ended alone, and the worker begins it again.
OOMPolicy=continue
MemoryMax=75%
TasksMax=1024
LimitNOFILE=8192
UMask=0077

NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ReadWritePaths={writes}
ProtectHome={homes}
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class Place:
    """Where an installation is: its checkout, the program `steward`, its Python, and what it writes to."""

    checkout: Path
    program: Path
    python: Path  # links followed: it may be far from the checkout
    data_dir: Path
    heads_file: Path | None = None
    files_dir: Path | None = None


def name_of(part: str | None) -> str:
    """The file of the unit: of everything, or of one part. Raises BadInput for a part that is none."""
    if part is not None and part not in PARTS:
        raise BadInput(f"There is no part {part}: choose from {', '.join(PARTS)}.")
    return UNIT if part is None else f"steward-{part}.service"


def unit(place: Place, user: str, part: str | None = None) -> str:
    """The text of the unit. Raises BadInput for a path that a unit can't hold as it is."""
    writes = [place.data_dir]
    if place.heads_file is not None:
        writes.append(place.heads_file.parent)
    if place.files_dir is not None:
        writes.append(place.files_dir)
    paths = [place.checkout, place.program, *writes]
    for path in paths:
        if not _PLAIN.fullmatch(str(path)):
            raise BadInput(
                f"The path {path} can't stand in a unit: move it to one of plain letters, digits, "
                "dots and dashes that begins with a slash."
            )
    homes = any(path.is_relative_to(one) for path in (*paths, place.python) for one in _HOMES)
    return _TEXT.format(
        user=user,
        checkout=place.checkout,
        carried=_CARRIED,
        data_dir=place.data_dir,
        program=place.program,
        what="" if part is None else f": {part}",
        words="up --empty" if part is None else f"machine {part}",
        limit=_GIVES_UP if part is None else _GOES_ON,
        writes=" ".join(map(str, writes)),
        homes="read-only" if homes else "yes",
    )


def install(
    place: Place, user: str, folder: Path, variables: Mapping[str, str], part: str | None = None
) -> Sequence[str]:
    """Write the unit into a folder; what was done and what to do next, a sentence each.

    `variables`: the caller's environment; what it sets and the service would not have is named. Raises
    BadInput where the user is not fit, the installation has not begun, or the folder can't be written.
    """
    name = name_of(part)
    account = _account(user, place.data_dir)
    settings = place.data_dir / FILE
    if not settings.is_file():
        raise BadInput(
            f"There is no {FILE} in {place.data_dir}: begin the installation with `steward init` first."
        )
    text, file = unit(place, user, part), folder / name
    making = file.with_suffix(".making")
    try:
        making.write_text(text)
        making.chmod(0o644)
        making.replace(file)
    except OSError as error:
        raise BadInput(
            f"The unit can't be written to {file}: {error.strerror}. Do it as root, or say another folder "
            "with --into."
        ) from None
    said = [f"{file} is written: it runs Steward as {user}."]
    left = sorted(name for name in variables if name.startswith("STEWARD_") and name != _CARRIED)
    if left:
        said.append(
            f"The service does not see {', '.join(left)} of this terminal: write them into {settings}."
        )
    if settings.stat().st_uid != account.pw_uid:
        said.append(f"The data directory is not {user}'s yet: `chown -R {user}: {place.data_dir}`.")
    for path in (place.checkout, place.python):
        closed = shut_to(account, path)
        if closed is not None:
            said.append(
                f"{user} may not enter {closed}, and the service needs {path}: let it in, or make the "
                "checkout and its Python anew in a folder such as /opt."
            )
    said.append(
        "Next: end a `steward up` that runs here, then `systemctl daemon-reload` and `systemctl enable --now "
        f"{file.stem}`. `journalctl -u {file.stem}` shows what it says."
    )
    return said


def _account(user: str, data_dir: Path) -> pwd.struct_passwd:
    """Raises BadInput for a user that is not there, and for root."""
    try:
        found = pwd.getpwnam(user)
    except KeyError:
        raise BadInput(
            f"This machine has no user {user}: `useradd --system --home-dir {data_dir} --shell "
            f"/usr/sbin/nologin {user}` makes one."
        ) from None
    if found.pw_uid == 0:
        raise BadInput("Steward is not run as root: say another user with --user.")
    return found


def shut_to(
    account: pwd.struct_passwd, path: Path, look: Callable[[Path], os.stat_result] = Path.stat
) -> Path | None:
    """The first folder on the way to a path that the user may not enter; None where the way is open."""
    groups = os.getgrouplist(account.pw_name, account.pw_gid)
    for folder in reversed(path.parents):
        found = look(folder)
        needed = (
            stat.S_IXUSR
            if found.st_uid == account.pw_uid
            else stat.S_IXGRP
            if found.st_gid in groups
            else stat.S_IXOTH
        )
        if not found.st_mode & needed:
            return folder
    return None


def here(
    data_dir: Path, heads_file: Path | None, files_dir: Path | None, checkout: Path, python: str
) -> Place:
    """The place of this installation. `python`: the interpreter that runs now, beside `steward`."""
    return Place(
        checkout,
        Path(os.path.abspath(python)).parent / "steward",  # noqa: PTH100 - a link must stay one
        Path(python).resolve(),
        data_dir.resolve(),
        heads_file.resolve() if heads_file is not None else None,
        files_dir.resolve() if files_dir is not None else None,
    )
