"""What it costs to add a rule, a notice, an act and a lifecycle: docs/adding.md lists the files of examples.

Here the examples are added to a copy of the project, and the copy's own tests are run.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import ROOT

EXAMPLES = ROOT / "docs" / "examples"
KINDS = ("rule", "notice", "act", "lifecycle")
#: What of the examples' and of the copy's own tests shows that they work, as pytest selects it.
TESTS = (
    "tests/rules/test_described.py",
    "tests/mail/test_letters.py",
    "tests/intake/test_correct_purpose.py",
    "tests/acts/test_table.py",
    "tests/lifecycles/test_anniversary_story.py",
)
CHOSEN = "not postgresql and (described or anniversary or purpose or stands_in_the_table or deployed)"


def files(kind: str) -> list[str]:
    """The files that an example adds or changes, tests apart."""
    folder = EXAMPLES / kind
    added = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    diff = folder / "changed.diff"
    changed = re.findall(r"^\+\+\+ b/(.+)$", diff.read_text(), flags=re.MULTILINE) if diff.exists() else []
    return sorted(one for one in {*added, *changed} - {"changed.diff"} if not one.startswith("tests/"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_lists_the_files_of_each_example(kind: str) -> None:
    text = (ROOT / "docs" / "adding.md").read_text()
    part = re.search(rf"^## [^\n]*\b{kind}\b[^\n]*\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    assert part is not None
    listed = re.findall(r"^\d+\. \[?`([^`]+)`", part.group(1), flags=re.MULTILINE)
    assert sorted(listed) == files(kind)


def test_the_examples_work_where_they_are_added(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for package in ("schemas", "policy", "tasks", "flows", "portal", "deployments", "tests"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "prefect.yaml"):
        shutil.copy(ROOT / file, copy)
    git, apart = shutil.which("git"), shutil.ignore_patterns("changed.diff", "__pycache__")
    assert git is not None
    for kind in KINDS:
        shutil.copytree(EXAMPLES / kind, copy, dirs_exist_ok=True, ignore=apart)
        if (diff := EXAMPLES / kind / "changed.diff").exists():
            run(copy, git, "apply", "-C1", str(diff))
    run(copy, sys.executable, "-m", "deployments.run_forms")
    said = run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS, "-k", CHOSEN)
    assert int(re.findall(r"(\d+) passed", said)[-1]) >= 10


def run(folder: Path, *command: str) -> str:
    """Run it in the copy, with the copy's packages; its output."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = subprocess.run(  # noqa: S603 - our own programs, and git
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
