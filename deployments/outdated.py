"""What in the lock has a newer version, and which cap holds it back.

    make outdated

Asks the index that pip uses. Nothing is changed: to take something, change its pin in pyproject.toml, then
`make lock` and `make test`. docs/operations.md says how Prefect is raised.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from schemas.settings import ROOT

#: Whose requirements are our own pins.
OURS = "pyproject.toml"


@dataclass(frozen=True)
class Newer:
    """A package with a newer version, and whose requirement refuses it; nobody's: it came with the lock."""

    name: str
    here: str
    newest: str
    held_by: tuple[str, ...]


def caps(name: str, newest: str, requirements: Mapping[str, Iterable[Requirement]]) -> tuple[str, ...]:
    """Whose requirements refuse the newest version of a package, with their words, in the order of names."""
    wanted = canonicalize_name(name)
    return tuple(
        f"{whose} ({one.name}{one.specifier})"
        for whose, all_of in sorted(requirements.items())
        for one in all_of
        if canonicalize_name(one.name) == wanted
        and (one.marker is None or one.marker.evaluate({"extra": ""}))
        and not one.specifier.contains(newest, prereleases=True)
    )


def requirements() -> dict[str, list[Requirement]]:
    """The requirements of everything that is installed, and our own pins."""
    found = {
        str(one.metadata["Name"]): [Requirement(line) for line in one.requires or ()]
        for one in metadata.distributions()
        if one.metadata["Name"] != "steward"
    }
    project = tomllib.loads((ROOT / OURS).read_text())["project"]
    lines = [
        *project["dependencies"],
        *(line for some in project["optional-dependencies"].values() for line in some),
    ]
    return {**found, OURS: [Requirement(line) for line in lines]}


def newer() -> list[Newer]:
    """Everything with a newer version. Raises OSError, CalledProcessError where nobody can be asked."""
    program = Path(sys.executable).with_name("uv")
    asked = subprocess.run(  # noqa: S603 - our own tool
        [program, "pip", "list", "--python", sys.executable, "--outdated", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    known = requirements()
    return [
        Newer(
            one["name"],
            one["version"],
            one["latest_version"],
            caps(one["name"], one["latest_version"], known),
        )
        for one in json.loads(asked.stdout)
    ]


def said(found: Iterable[Newer]) -> list[str]:
    """A line each, for people."""
    lines = [
        f"{one.name} {one.here}: {one.newest} is out"
        + (f", held by {'; '.join(one.held_by)}" if one.held_by else "; nothing holds it but the lock")
        for one in found
    ]
    return lines or ["Nothing in the lock has a newer version on this machine's index."]


def main() -> None:
    """Print it; one sentence and exit code 1 where the index can't be asked."""
    try:
        found = newer()
    except (OSError, subprocess.CalledProcessError):
        sys.exit("The package index can't be asked from here: try again with a network.")
    print("\n".join(said(found)))


if __name__ == "__main__":
    main()
