"""The unit of the service: what systemd says of it, what it may write to, and what is refused."""

import os
import pwd
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from prefect.settings.models.server.root import ServerSettings

from deployments.local import environment
from deployments.local.service import UNIT, Place, shut_to, unit
from schemas.errors import BadInput
from schemas.settings import FILE, load
from tests.commands.terminal import Said, steward

#: A user that a machine has without our doing.
USER = "daemon"
PYTHON = Path("/usr/bin/python3")


@pytest.fixture(autouse=True)
def begun(home: Path) -> Path:
    home.mkdir()
    (home / FILE).write_text("STEWARD_SAMPLE=false\n")
    return home


def installed(into: Path, *more: str, user: str = USER) -> Said:
    return steward("service", "install", "--into", into, "--user", user, *more)


def value(text: str, name: str) -> str:
    (found,) = [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}=")]
    return found


def test_the_unit_runs_this_installation_and_may_write_to_its_data_alone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEWARD_SMTP_PASSWORD", "Canary!9xK2vL7p")
    said = installed(tmp_path)
    assert said.code == 0, said.err
    text = (tmp_path / UNIT).read_text()
    assert stat.S_IMODE((tmp_path / UNIT).stat().st_mode) == 0o644
    assert value(text, "User") == USER
    assert value(text, "Environment") == f"STEWARD_DATA_DIR={home}"
    assert value(text, "ReadWritePaths") == str(home)
    program, *words = value(text, "ExecStart").split()
    assert Path(program).name == "steward"
    assert words == ["up", "--empty"]
    assert "STEWARD_SMTP_PASSWORD" in said.out
    assert "Canary" not in said.out + text
    assert f"chown -R {USER}: {home}" in said.out.replace("\n", " ")


def test_it_can_be_done_again(tmp_path: Path) -> None:
    installed(tmp_path)
    before = (tmp_path / UNIT).read_text()
    assert installed(tmp_path, "--json").code == 0
    assert (tmp_path / UNIT).read_text() == before
    assert {one.name for one in tmp_path.iterdir()} == {UNIT, "home"}


@pytest.mark.parametrize("part", ["api", "services", "worker", "pages"])
def test_on_one_of_several_machines_a_unit_runs_one_part_and_never_gives_up(
    home: Path, tmp_path: Path, part: str
) -> None:
    shared = tmp_path / "shared"
    with (home / FILE).open("a") as settings:
        settings.write(f"STEWARD_FILES_DIR={shared}\n")
    said = installed(tmp_path, "--part", part)
    assert said.code == 0, said.err
    assert f"enable --now steward-{part}`" in said.out.replace("\n", " ")
    text = (tmp_path / f"steward-{part}.service").read_text()
    assert value(text, "ExecStart").endswith(f"/steward machine {part}")
    assert value(text, "ReadWritePaths") == f"{home} {shared}"
    assert value(text, "StartLimitIntervalSec") == "0"
    assert complaints(tmp_path / f"steward-{part}.service") == ""


def test_a_part_that_is_none_is_refused(tmp_path: Path) -> None:
    said = installed(tmp_path, "--part", "database")
    assert said.code == 2
    assert "no part database" in said.err
    assert not list(tmp_path.glob("*.service"))


def complaints(file: Path) -> str:
    """What systemd says of a unit. Where the machine lacks systemd: the lines that have no form of one."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        lines = file.read_text().splitlines()
        return "\n".join(line for line in lines if line and not re.match(r"#|\[\w+\]$|[A-Z]\w+=", line))
    words = [analyze, "verify", "--man=no", "--recursive-errors=no", str(file)]
    return subprocess.run(words, capture_output=True, text=True, check=False).stderr  # noqa: S603


def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    program = tmp_path / "steward"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = unit(Place(tmp_path, program, PYTHON, tmp_path, tmp_path / "heads" / "file"), "steward")
    (tmp_path / UNIT).write_text(text)
    assert complaints(tmp_path / UNIT) == ""
    (tmp_path / UNIT).write_text(text.replace("KillMode=mixed", "KillMode mixed"))
    assert complaints(tmp_path / UNIT)


def test_what_prefect_serves_is_copied_where_the_service_may_write(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # another user's checkout
    for name, said in environment.server(load(), "mark", "sqlite+aiosqlite:///:memory:").items():
        monkeypatch.setenv(name, said)
    told = ServerSettings()
    assert Path(told.ui.static_directory or "/").is_relative_to(home)


@pytest.mark.parametrize(
    ("user", "what", "says"),
    [
        ("nobody-of-this-name", "nothing", "useradd --system"),
        ("root", "nothing", "not run as root"),
        (USER, "not begun", "steward init"),
        (USER, "no folder", "--into"),
    ],
)
def test_what_is_not_fit_is_refused_with_what_to_do(
    home: Path, tmp_path: Path, user: str, what: str, says: str
) -> None:
    if what == "not begun":
        (home / FILE).unlink()
    into = tmp_path / "missing" if what == "no folder" else tmp_path
    said = installed(into, user=user)
    assert said.code == 2
    assert says in said.err.replace("\n", " ")
    assert not (into / UNIT).exists()


@pytest.mark.parametrize("name", ["a folder", "50%", 'quo"ted', "back\\slash", "two\nlines", "$HOME"])
def test_a_path_that_would_mean_something_else_is_refused(name: str) -> None:
    path = Path("/srv") / name
    for place in (
        Place(path, Path("/srv/steward"), PYTHON, Path("/srv")),
        Place(Path("/srv"), path, PYTHON, Path("/srv")),
        Place(Path("/srv"), Path("/srv/steward"), PYTHON, path),
        Place(Path("/srv"), Path("/srv/steward"), PYTHON, Path("/srv"), path / "heads"),
    ):
        with pytest.raises(BadInput, match="can't stand in a unit"):
            unit(place, USER)


@pytest.mark.parametrize(
    ("data", "python", "homes"),
    [
        ("/home/steward/data", PYTHON, "read-only"),
        ("/srv/steward/data", Path("/root/python/bin/python3"), "read-only"),
        ("/srv/steward/data", PYTHON, "yes"),
    ],
)
def test_homes_are_out_of_sight_unless_something_of_it_is_there(data: str, python: Path, homes: str) -> None:
    place = Place(Path("/opt/steward"), Path("/opt/steward/bin/steward"), python, Path(data))
    assert value(unit(place, USER), "ProtectHome") == homes


@pytest.mark.parametrize(
    ("mode", "member", "is_shut"), [(0o750, False, True), (0o751, False, False), (0o750, True, False)]
)
def test_a_folder_that_the_user_may_not_enter_is_found(mode: int, member: bool, is_shut: bool) -> None:
    account = pwd.getpwnam(USER)
    folders = {
        "/": (0o755, 0, 0),
        "/opt": (mode, account.pw_uid + 1000, account.pw_gid if member else account.pw_gid + 1000),
        "/opt/steward": (0o700, account.pw_uid, account.pw_gid),
    }

    def looked_at(folder: Path) -> os.stat_result:
        bits, owner, group = folders[str(folder)]
        return os.stat_result((stat.S_IFDIR | bits, 0, 0, 0, owner, group, 0, 0, 0, 0))

    found = shut_to(account, Path("/opt/steward/python"), looked_at)
    assert found == (Path("/opt") if is_shut else None)
