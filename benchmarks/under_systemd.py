"""Steward as a service of a machine whose systemd starts it: what docs/operations.md says of it, tried.

    python -m benchmarks.under_systemd FOLDER [--bind FOLDER …]

As root, on Debian with the packages debootstrap and systemd-container. In FOLDER a small Debian is made, in
it a checkout of this one's last commit with its own Python, an installation, and the unit that `steward
service install` writes. Then that machine is started, as `systemd-nspawn` starts one, and the service is
killed, given a setting that can't be used, stopped, and started with its machine. Prints a row for each. The
network is this machine's; its loopback has to have the ports free. `--bind`: folders that the machine needs
to install from.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from schemas.settings import ROOT

PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv,make,git,ca-certificates,procps,curl"
CHECKOUT, HOME = "/opt/steward", "/srv/steward"
PORTS = {"PREFECT": 45200, "MAIL": 45525, "PORTAL": 45280}
#: What this machine's pip was told, for that of the other one.
TOLD = ("/etc/pip.conf", "/etc/xdg/pip", "/etc/ssl/certs/ca-certificates.crt")
PLACES = ("index-url", "extra-index-url", "find-links", "cert")
#: Where it is tried whether the service may write.
WRITES = (CHECKOUT, "/etc", HOME)
READY_SECONDS, LOOK_SECONDS = 600.0, 2.0
ANSWERS = """
[organization]
name = "Sample Lakes School Division"
short_name = "Lakes"
zone = "America/Edmonton"
country = "CA"
province = "AB"
domain = "lakes.example.org"
[mail]
sender = "steward@lakes.example.org"
reply_to = "communications@lakes.example.org"
[offices."communications officer"]
given_name = "Com"
family_name = "Officer"
email = "com.officer@lakes.example.org"
[offices.superintendent]
given_name = "Super"
family_name = "Intendent"
email = "super.intendent@lakes.example.org"
"""
SETTINGS = "".join(f"STEWARD_{name}_PORT='{port}'\n" for name, port in PORTS.items())
INSTALL = f"""
set -e
cd {CHECKOUT}
make .venv/.installed
useradd --system --home-dir {HOME} --shell /usr/sbin/nologin steward
export STEWARD_DATA_DIR={HOME}
.venv/bin/steward init --answers /etc/answers.toml
cat /etc/settings >> {HOME}/steward.env
.venv/bin/steward service install
chown -R steward: {HOME}
systemctl enable steward
"""


def run(*words: str | Path, quiet: bool = False) -> str:
    """Run a program to its end; what it printed. Raises CalledProcessError where it failed."""
    done = subprocess.run(  # noqa: S603 - our own words
        words,
        check=not quiet,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else subprocess.STDOUT,
        text=True,
    )
    return done.stdout.strip()


def make(root: Path, binds: Sequence[Path]) -> None:
    """Make the machine's disk, with Steward installed and its unit enabled."""
    run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", root)
    for told in TOLD:
        if Path(told).is_dir():
            shutil.copytree(told, f"{root}{told}", dirs_exist_ok=True)
        elif Path(told).exists():
            shutil.copy(told, f"{root}{told}")
    run("git", "clone", "--quiet", ROOT, f"{root}{CHECKOUT}")
    (root / "etc" / "answers.toml").write_text(ANSWERS)
    (root / "etc" / "settings").write_text(SETTINGS)
    (root / "etc" / "install").write_text(INSTALL)
    where = {name: said for name, said in os.environ.items() if name.startswith("PIP_")}
    for place in PLACES:
        if said := run(sys.executable, "-m", "pip", "config", "get", f"global.{place}", quiet=True):
            where.setdefault(f"PIP_{place.upper().replace('-', '_')}", said)
    passed = [f"--setenv={name}={said}" for name, said in where.items()]
    run(*nspawn(root, binds), *passed, "sh", "/etc/install")


def nspawn(root: Path, binds: Sequence[Path]) -> list[str | Path]:
    """What runs something on the machine's disk."""
    bound = [f"--bind-ro={one}" for one in binds]
    return ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "-D", root, *bound]


class Machine:
    """The machine, from its start to its end."""

    def __init__(self, root: Path) -> None:
        self._log = (root.parent / "console.log").open("a")
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [*nspawn(root, ()), "--boot"], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )

    def do(self, script: str) -> str:
        """What a shell on it prints; nothing before it has begun."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        if not children:
            return ""
        inside = ("nsenter", "-t", children[0], "-m", "-u", "-i", "-p", "-C", "-r", "-w", "--")
        return run(*inside, "sh", "-c", script, quiet=True)

    def until(self, holds: Callable[[], bool]) -> float:
        """Wait until it holds; after how many seconds it did. Raises TimeoutError."""
        began = time.monotonic()
        while not holds():
            if time.monotonic() - began > READY_SECONDS:
                raise TimeoutError(self.do("journalctl -u steward -n 40 -o cat --no-pager"))
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began

    def ready(self) -> float:
        """Wait until the service is ready, and its pages answer; the seconds that this took."""
        return self.until(lambda: "Ready after" in self.said() and self.answers())

    def answers(self) -> bool:
        """Whether its pages answer."""
        return self.do(f"curl -fs http://127.0.0.1:{PORTS['PORTAL']}/readyz && echo yes").endswith("yes")

    def said(self) -> str:
        """What the service has said since its last start."""
        number = self.shown("InvocationID")
        return self.do(f"journalctl _SYSTEMD_INVOCATION_ID={number} -o cat --no-pager")

    def shown(self, what: str) -> str:
        """What systemd shows of the service."""
        return self.do(f"systemctl show -p {what} --value steward")

    def steward(self, words: str) -> str:
        """What a command gives, by the service's user."""
        said = f"cd {CHECKOUT} && STEWARD_DATA_DIR={HOME} runuser -u steward -- .venv/bin/steward {words}"
        return self.do(said).splitlines()[0]

    def end(self) -> float:
        """Switch it off; the seconds that this took."""
        began = time.monotonic()
        self.do("systemctl poweroff")
        self._process.wait()
        self._log.close()
        return time.monotonic() - began


def tell(what: str, came: str) -> None:
    """One row of the table."""
    print(f"| {what} | {came} |", flush=True)


def main() -> None:
    """Make the machine where it is not there yet, and try the service."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.under_systemd")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bind", type=Path, action="append", default=[])
    chosen = parser.parse_args()
    root = chosen.folder.resolve() / "machine"
    if not (root / "etc" / "systemd" / "system" / "steward.service").exists():
        make(root, chosen.bind)
    print("| tried | what came |\n|---|---|")
    machine = Machine(root)
    tell("the machine starts", f"ready after {machine.ready():.0f} s; {machine.steward('audit verify')}")
    rated = machine.do("systemd-analyze security steward --no-pager | tail -n 1")
    tell("`systemd-analyze security`", rated.lstrip("→ ").split(":")[-1].strip(" .🙂"))
    inside = "nsenter -t $(systemctl show -p MainPID --value steward) -m --"
    tries = {one: f"{inside} sh -c 'touch {one}/x && rm {one}/x && echo yes'" for one in WRITES}
    written = [one for one, script in tries.items() if machine.do(script) == "yes"]
    tell("it writes to", ", ".join(written))
    machine.do("systemctl kill -s KILL --kill-whom=main steward")
    seconds = machine.ready()
    tell("its first process is killed", f"{machine.shown('NRestarts')} restart, ready after {seconds:.0f} s")
    began = time.monotonic()
    machine.do("systemctl stop steward")
    left = machine.do("ps -u steward -o pid= | wc -l")
    tell("`systemctl stop`", f"ended after {time.monotonic() - began:.0f} s, {left} of its processes left")
    bad = "STEWARD_PREFECT_PORT='none' # made for this try"
    machine.do(f'echo "{bad}" >> {HOME}/steward.env; systemctl start steward')
    machine.until(lambda: machine.shown("ActiveState") == "failed")
    status, again = machine.shown("ExecMainStatus"), machine.shown("NRestarts")
    tell("a setting that can't be used", f"exit code {status}, started again {again} times")
    machine.do(f"sed -i '$d' {HOME}/steward.env; systemctl reset-failed steward; systemctl start steward")
    machine.ready()
    tell("the machine is switched off", f"off after {machine.end():.0f} s")
    machine = Machine(root)
    tell("and on again", f"ready after {machine.ready():.0f} s; {machine.steward('audit verify')}")
    machine.end()


if __name__ == "__main__":
    main()
