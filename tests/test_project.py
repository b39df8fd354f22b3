"""The project as a whole: its documents are current, its packages are ours, its lock names no registry."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.commands.commands import is_command

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


TOP_LEVEL = {
    *(
        ".ci",
        ".gitignore",
        ".pre-commit-config.yaml",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Makefile",
        "README.md",
    ),
    *("SECURITY.md", "prefect.yaml", "pyproject.toml", "requirements.lock"),
    *("benchmarks", "deployments", "docs", "flows", "policy", "portal", "schemas", "tasks", "tests"),
}


def test_the_top_level_holds_nothing_but_what_belongs_there() -> None:
    listed = subprocess.run(  # noqa: S603 - git, with no words from outside
        ["git", "-C", str(ROOT), "ls-files"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line.split("/")[0] for line in listed.stdout.splitlines()} == TOP_LEVEL


@pytest.mark.parametrize("script", ["make_controls.py", "make_diagrams.py", "make_map.py"])
def test_what_is_made_in_the_documents_is_current(script: str) -> None:
    """Diagrams are made from the states, the map from the imports, kinds of control from their docstrings."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, ROOT / "docs" / script, "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_installs_the_rest_is_taken_from_the_lock_with_its_hashes() -> None:
    """`make` installs uv by pip, and what else is in the lock by uv."""
    program = re.findall(r"awk '([^']+)' requirements.lock", (ROOT / "Makefile").read_text())
    taken = subprocess.run(  # noqa: S603 - as make runs it
        ["awk", *program, ROOT / "requirements.lock"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    first, *hashes = [one for one in taken.stdout.splitlines() if not one.lstrip().startswith("#")]
    assert first.startswith("uv==")
    assert hashes
    assert all(one.lstrip().startswith("--hash=sha256:") for one in hashes)


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text())
        if not target.startswith("http") and not (document.parent / target).exists()
    ]
    assert broken == []


def test_every_test_that_the_runbook_names_is_there() -> None:
    """It says where each thing was tried."""
    named = set(re.findall(r"`(tests/[a-z_/]+(?:\.py)?)`", (ROOT / "docs" / "operations.md").read_text()))
    assert len(named) > 20
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_every_decision_of_design_is_listed_and_has_its_four_parts() -> None:
    folder = ROOT / "docs" / "adr"
    decisions = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == decisions
    parts = ["Context", "Decision", "What else was weighed", "Consequences"]
    for name in decisions:
        text = (folder / name).read_text()
        assert text.startswith(f"# {int(name[:4])}. ")
        assert re.search(r"^20\d\d-\d\d-\d\d, (accepted|replaced by \d+)$", text, flags=re.MULTILINE)
        assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == parts


def test_every_command_that_a_document_names_exists() -> None:
    quoted = re.compile(r"`steward([^`\n]*)`|^\.venv/bin/steward([^#\n]*)", re.MULTILINE)
    named = {
        (document.name, words.group())
        for document in DOCUMENTS
        for found in quoted.findall(document.read_text())
        if (words := re.match(r"(?: [a-z][a-z-]+)+", "".join(found)))
    }
    assert len(named) > 20
    unknown = sorted(
        f"{document}: steward{words}" for document, words in named if not is_command(words.split())
    )
    assert unknown == []


@pytest.mark.parametrize("package", ["schemas", "policy", "tasks", "flows", "portal", "deployments"])
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


def test_the_day_of_a_moment_is_that_of_the_division() -> None:
    """`moment.date()` is the day in UTC: in the evening that is tomorrow."""
    days = re.compile(r"(?:_at|\bat|since|moment|now)\.date\(\)")
    guilty = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for package in ("policy", "tasks", "flows", "portal", "deployments")
        for path in (ROOT / package).rglob("*.py")
        for line in path.read_text().splitlines()
        if days.search(line)
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
