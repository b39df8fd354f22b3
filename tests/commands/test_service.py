"""The unit of the service: what systemd says of it, what it may write to, and what is refused."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from deployments.local.service import UNIT, Place, unit
from schemas.errors import BadInput
from schemas.settings import FILE
from tests.commands.terminal import Said, steward

#: A user that a machine has without our doing.
USER = "daemon"


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


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    program = tmp_path / "steward"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    heads = tmp_path / "heads" / "file"

    def verified(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / UNIT).write_text(text)
        return subprocess.run(  # noqa: S603 - a program of the machine, with a file of ours
            [
                shutil.which("systemd-analyze") or "",
                "verify",
                "--man=no",
                "--recursive-errors=no",
                tmp_path / UNIT,
            ],
            capture_output=True,
            text=True,
            check=False,
        )

    text = unit(Place(tmp_path, program, tmp_path, heads), "steward")
    good = verified(text)
    assert (good.returncode, good.stderr) == (0, "")
    assert verified(text.replace("KillMode=mixed", "KillMode=mostly")).stderr, "a fault would be seen"


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
        Place(path, Path("/srv/steward"), Path("/srv")),
        Place(Path("/srv"), path, Path("/srv")),
        Place(Path("/srv"), Path("/srv/steward"), path),
        Place(Path("/srv"), Path("/srv/steward"), Path("/srv"), path / "heads"),
    ):
        with pytest.raises(BadInput, match="can't stand in a unit"):
            unit(place, USER)


@pytest.mark.parametrize(
    ("data", "homes"), [("/home/steward/data", "read-only"), ("/srv/steward/data", "yes")]
)
def test_homes_are_out_of_sight_unless_something_of_it_is_there(data: str, homes: str) -> None:
    place = Place(Path("/opt/steward"), Path("/opt/steward/bin/steward"), Path(data))
    assert value(unit(place, USER), "ProtectHome") == homes
