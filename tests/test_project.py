"""The project as a whole: its documents are current, its packages are ours, its lock names no registry."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_the_state_diagrams_are_made_from_the_tables_of_today() -> None:
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, ROOT / "docs" / "make_diagrams.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", ["schemas", "policy", "tasks", "flows", "deployments"])
def test_a_package_of_a_generic_name_is_the_one_of_this_checkout(package: str) -> None:
    file = import_module(package).__file__
    assert file is not None
    assert Path(file) == ROOT / package / "__init__.py"


def test_no_module_of_flows_hides_one_of_the_standard_library_or_of_ours() -> None:
    names = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}
    ours = {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert not names & (set(sys.stdlib_module_names) | ours)


def test_the_lock_pins_by_hash_and_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    pinned = re.findall(r"^\S+==\S+", lock, flags=re.MULTILINE)
    assert len(pinned) > 100
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_only_the_clock_reads_the_clock() -> None:
    reads = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(")
    guilty = [
        str(path.relative_to(ROOT))
        for package in ("schemas", "policy", "tasks", "flows")
        for path in (ROOT / package).rglob("*.py")
        if reads.search(path.read_text()) and path != ROOT / "tasks" / "clock.py"
    ]
    assert guilty == []


def test_nothing_but_the_door_changes_a_lifecycle_state() -> None:
    """`update(...)` of a lifecycle table that sets `state` stands in tasks/store/transition.py only."""
    changes = re.compile(
        r"update\((?:table_of\()?(?:Account|Access|AccountRequest)\b[^;]*?\.values\([^)]*\bstate=", re.DOTALL
    )
    guilty = [
        str(path.relative_to(ROOT))
        for package in ("tasks", "flows", "deployments")
        for path in (ROOT / package).rglob("*.py")
        if changes.search(path.read_text())
    ]
    assert guilty == []


def test_the_vocabulary_and_the_policy_open_no_session() -> None:
    """Statements are welcome there; import-linter can't tell them from sessions and engines."""
    opens = re.compile(r"sqlalchemy\.(orm|ext\.asyncio)|sqlmodel\.ext|create_engine|sessionmaker")
    guilty = [
        str(path.relative_to(ROOT))
        for package in ("schemas", "policy")
        for path in (ROOT / package).rglob("*.py")
        if opens.search(path.read_text())
    ]
    assert guilty == []
