"""What other users of the machine get of a data directory, and a child of the caller's environment."""

import json
import os
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.local import environment, marks, postgres
from deployments.local.rights import close_below, close_to_others, open_to_others
from schemas.errors import BadSettings
from schemas.settings import Settings
from tests.commands.terminal import Said, steward


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "mail").mkdir(parents=True, mode=0o755)
    for name in ("steward.db", "mail/000001.eml"):
        (data / name).write_text("")
        (data / name).chmod(0o644)
    (tmp_path / "outside").write_text("")
    (tmp_path / "outside").chmod(0o644)
    (data / "link").symlink_to(tmp_path / "outside")
    before = tmp_path.stat().st_mode
    assert [path.name for path in open_to_others(data)] == ["mail", "000001.eml", "steward.db"]

    close_to_others(data)

    assert open_to_others(data) == []
    assert data.stat().st_mode & 0o777 == (0o700 if postgres.account() is None else 0o711)
    assert (tmp_path / "outside").stat().st_mode & 0o777 == 0o644
    assert tmp_path.stat().st_mode == before


def test_a_file_of_another_user_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command given as root left a file, and the service ended with a trace of the code."""
    (tmp_path / "x").touch(mode=0o644)
    (tmp_path / "x").chmod(0o644)
    chmod = Path.chmod

    def refused(path: Path, mode: int) -> None:
        if path.name == "x":
            raise PermissionError(1, "Operation not permitted", str(path))
        chmod(path, mode)

    monkeypatch.setattr(Path, "chmod", refused)
    with pytest.raises(BadSettings, match=f"{tmp_path}/x is another user's: `chown -R"):
        close_to_others(tmp_path)


def test_what_a_part_copied_with_rights_of_its_own_is_closed_too(tmp_path: Path) -> None:
    """Prefect copies its pages into the data directory of a service after all was closed there."""
    assets = tmp_path / "data" / "prefect" / "ui" / "assets"
    assets.mkdir(parents=True)
    assets.chmod(0o755)
    close_below(tmp_path / "data" / "prefect")
    assert assets.stat().st_mode & 0o777 == 0o700
    close_below(tmp_path / "data" / "is not there")


def test_a_child_gets_what_is_on_its_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=tmp_path)
    secrets = (
        "CLOUD_KEY",
        "STEWARD_SMTP_PASSWORD",
        "STEWARD_DATABASE_URL",
        "STEWARD_PORTAL_CLIENT_SECRET",
        "PREFECT_PROFILE",
    )
    for name in secrets:
        monkeypatch.setenv(name, "canary")
    started = {
        "postgres": environment.bare("mark"),
        "mail": environment.base("mark"),
        "server": environment.server(settings, "mark", "url"),
        "store, deploy": environment.client(settings, "mark"),
        "worker": environment.client(settings, "mark", sends_mail=True),
        "portal": environment.client(settings, "mark", sends_mail=True, signs_in=True),
    }

    assert {name: {one for one in secrets if one in env} for name, env in started.items()} == {
        "postgres": set(),
        "mail": set(),
        "server": set(),
        "store, deploy": {"STEWARD_DATABASE_URL"},
        "worker": {"STEWARD_DATABASE_URL", "STEWARD_SMTP_PASSWORD"},
        "portal": {"STEWARD_DATABASE_URL", "STEWARD_SMTP_PASSWORD", "STEWARD_PORTAL_CLIENT_SECRET"},
    }


def test_over_plain_http_prefects_clients_read_one_certificate(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    for _ in range(2):
        file = environment.client(settings, "mark")["PREFECT_API_SSL_CERT_FILE"]
        assert len(ssl.create_default_context(cafile=file).get_ca_certs()) == 1
    encrypted = Settings(data_dir=tmp_path, prefect_url="https://prefect.example.org/api")
    assert "PREFECT_API_SSL_CERT_FILE" not in environment.client(encrypted, "mark")


def rights(data: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Said, dict[str, str]]:
    """What `doctor rights` leaves, and each fault by where it is."""
    monkeypatch.setenv("STEWARD_DATA_DIR", str(data))
    said = steward("doctor", "rights", "--json")
    return said, {one["where"]: one["fault"] for one in json.loads(said.out) if one["fault"]}


def test_what_is_too_open_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "above" / "data"
    (data / "mail").mkdir(parents=True)
    (data / "audit.key").write_text("")
    with socket.socket(socket.AF_UNIX) as at:
        monkeypatch.chdir(data)  # a socket's path must be short
        at.bind("socket")
        close_to_others(data)
        said, faults = rights(data, monkeypatch)
        assert (said.code, faults) == (0, {})
        listed = {one["where"]: (one["kind"], one["mode"]) for one in json.loads(said.out)}
        assert listed[str(data / "audit.key")] == ("file", "0600")
        assert listed[str(data / "socket")][0] == "socket"

        for name, mode in {"audit.key": 0o640, "socket": 0o777, "mail": 0o701}.items():
            (data / name).chmod(mode)
        (tmp_path / "above").chmod(0o777)
        said, faults = rights(data, monkeypatch)
    wanted = {str(data / name) for name in ("audit.key", "socket", "mail")} | {str(tmp_path / "above")}
    assert (said.code, set(faults)) == (1, wanted)
    key = str(data / "audit.key")
    assert faults[key] == f"others may use it: chmod go-rwx {key}"
    text = steward("doctor", "rights", "--limit", "1")
    assert (text.code, f"{key}: {faults[key]}" in text.out) == (1, True)
    (tmp_path / "above").chmod(stat.S_IRWXU)


@pytest.mark.parametrize(("address", "fault"), [("127.0.0.1", False), ("0.0.0.0", True)])  # noqa: S104
def test_where_the_stack_listens_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, fault: bool
) -> None:
    tmp_path.chmod(0o700)
    listens = (
        "import socket, sys; s = socket.socket(); s.bind((sys.argv[1], 0)); s.listen(); "
        "print(s.getsockname()[1], flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", listens, address],
        env={**os.environ, marks.VARIABLE: marks.new(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as part:
        assert part.stdout is not None
        where = f"{address}:{part.stdout.readline().strip()}"
        said, faults = rights(tmp_path, monkeypatch)
        part.communicate()
    assert where in {one["where"] for one in json.loads(said.out)}
    assert (said.code, set(faults)) == ((1, {where}) if fault else (0, set()))


def test_without_a_data_directory_there_is_nothing_to_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEWARD_DATA_DIR", str(tmp_path / "none"))
    refused = steward("doctor", "rights")
    assert (refused.code, refused.out) == (1, "")
    assert "`steward up` makes it" in refused.err
