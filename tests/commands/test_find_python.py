"""`make` looks for a Python, and says so where the one that it takes lacks fixes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import ROOT


def found(folder: Path, version: str) -> subprocess.CompletedProcess[str]:
    """What deployments/find-python says where the only Python has this version."""
    fake = folder / "python3"
    fake.write_text(
        "#!/bin/sh\n"
        f'exec {sys.executable} -c "import sys; '
        f'sys.version_info = {tuple(map(int, version.split(".")))}; exec(sys.argv[1])" "$2"\n'
    )
    fake.chmod(0o755)
    return subprocess.run(  # noqa: S603 - our own script
        [ROOT / "deployments" / "find-python"],
        env={"PATH": f"{folder}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("version", "noted"), [("3.11.8", True), ("3.11.9", False), ("3.13.0", False)])
def test_an_old_python_is_taken_with_a_note(tmp_path: Path, version: str, noted: bool) -> None:
    said = found(tmp_path, version)
    assert (said.returncode, said.stdout.strip()) == (0, str(tmp_path / "python3"))
    assert ("older than 3.11.9" in said.stderr) is noted
