"""Whether what Prefect runs of Steward is deployed already: deploying it all anew takes ten seconds."""

import hashlib
import re
from importlib.metadata import version
from pathlib import Path

from schemas.settings import ROOT
from tasks.prefect.api import PrefectApi

#: What a deployment and its form are made of. The policy file's lists may be a form's choices.
_SOURCES = ("schemas", "policy", "tasks", "flows")
_MADE_OF = frozenset({".py", ".toml"})
MARK = "deployed"


def fingerprint(file: Path, policy: str) -> str:
    """A hash over everything that the deployments of this file are made of; `policy` is its text."""
    found = hashlib.sha256(version("prefect").encode() + policy.encode())
    sources = (path for room in _SOURCES for path in (ROOT / room).rglob("*") if path.suffix in _MADE_OF)
    for path in (file, *sorted(sources)):
        found.update(path.read_bytes())
    return found.hexdigest()


async def is_deployed(api: PrefectApi, data: Path, file: Path, wanted: str) -> bool:
    """Whether this was deployed from here, and each of the file's deployments is still there."""
    if not _is_noted(data, wanted):
        return False
    there = {one["name"] for one in await api.call("POST", "deployments/filter", {"limit": 200})}
    return _named(file) <= there


def _is_noted(data: Path, wanted: str) -> bool:
    mark = data / MARK
    return mark.is_file() and mark.read_text() == wanted


def _named(file: Path) -> set[str]:
    """The names of the file's deployments."""
    return set(re.findall(r"^  - name: (\S+)$", file.read_text(), flags=re.MULTILINE))


def note(data: Path, wanted: str) -> None:
    """Note what was deployed."""
    (data / MARK).write_text(wanted)
