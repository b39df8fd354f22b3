"""What a command imports before it does anything: whoever only reads doesn't wait for the rest."""

import gc
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.settings.models.server.events import ServerEventsSettings
from prefect.settings.models.server.services import ServerServicesDBVacuumSettings

from deployments import NO_TELEMETRY
from deployments.cli.app import app
from deployments.cli.lazy import Group
from deployments.local import environment, fork_server
from schemas.settings import Settings
from tests.support.databases import ROOT

LISTENS = """
import sys
from deployments.cli import main
failed = []
for words in {commands!r}:
    sys.argv = ["steward", *words]
    try:
        main()
    except SystemExit as ended:
        failed += [words] if ended.code else []
print(len(failed), *sorted({{name.split(".")[0] for name in sys.modules}}), file=sys.stderr)
"""
GROUPS = [name for name, one in app.waiting.items() if isinstance(one, Group)]
READING = [
    ["status"],
    ["clauses"],
    ["account", "list"],
    ["request", "list"],
    ["finding", "list"],
    ["mail", "list"],
    ["people"],
    ["suspensions"],
    ["audit", "head"],
]
HEAVY = {"prefect", "sqlalchemy", "sqlmodel", "httpx", "holidays", "structlog"}


def imported(commands: list[list[str]]) -> set[str]:
    """The packages that a process has after `steward` with each of these words."""
    program = LISTENS.format(commands=commands)
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    failed, *names = done.stderr.splitlines()[-1].split()
    assert failed == "0", done.stderr
    return set(names)


def test_help_imports_nothing_heavy() -> None:
    assert not imported([["--help"], ["--version"], *([name, "--help"] for name in GROUPS)]) & HEAVY


@pytest.mark.usefixtures("terminal")
def test_who_only_reads_does_not_import_prefect() -> None:
    assert not imported(READING) & {"prefect", "httpx"}


@pytest.mark.parametrize("words", NO_TELEMETRY)
def test_no_process_of_ours_tells_anybody_that_it_runs(words: str, tmp_path: Path) -> None:
    """Prefect reads the variables when it is imported: our own package has set them before."""
    says = f"import os, deployments; print(os.environ[{words!r}])"
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", says], cwd=ROOT, env=bare, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == NO_TELEMETRY[words]
    settings = Settings(data_dir=tmp_path)
    for started in (environment.base("mark"), environment.client(settings, "mark")):
        assert started[words] == NO_TELEMETRY[words]


COUNTRIES = """
import gc, sys
from deployments.cli import main
assert not gc.isenabled()
sys.argv = ["steward", "policy", "check", "policy/ap151.toml"]
try:
    main()
except SystemExit as ended:
    assert not ended.code
print(gc.isenabled(), *sorted(name for name in sys.modules if name.startswith("holidays.countries.")))
"""


def test_of_all_countries_only_the_policys_own_is_imported_and_garbage_is_collected() -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", COUNTRIES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "True holidays.countries.canada"


def test_what_a_run_needs_is_loaded_once_while_no_garbage_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[tuple[str, bool]] = []
    monkeypatch.setattr(fork_server, "import_module", lambda name: looked.append((name, gc.isenabled())))
    fork_server.load()
    assert {f"flows.{one.stem}" for one in (ROOT / "flows").glob("[a-z]*.py")} < {name for name, _ in looked}
    assert not any(garbage for _, garbage in looked)
    assert gc.isenabled()


LOADED = """
import threading
from deployments.local import fork_server
fork_server.load()
print(threading.active_count())
"""


def test_what_is_loaded_has_no_thread_that_a_fork_would_lose() -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"


def test_prefect_forgets_ended_runs_after_the_days_of_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Prefect itself reads what it is given: what was typed into a run form goes with the run."""
    settings = Settings(data_dir=tmp_path, prefect_keep_days=30, prefect_keep_event_days=3)
    for name, said in environment.server(settings, "mark", "sqlite+aiosqlite:///:memory:").items():
        if "VACUUM" in name or "RETENTION" in name:
            monkeypatch.setenv(name, said)
    vacuum = ServerServicesDBVacuumSettings()
    assert vacuum.enabled_vacuum_types == {"events", "flow_runs", "orphans"}
    assert vacuum.retention_period == timedelta(days=30)
    assert ServerEventsSettings().retention_period == timedelta(days=3)
