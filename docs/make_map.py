"""The map of rooms and arrows in docs/architecture.md, made from the code's own imports.

python docs/make_map.py           writes it between the markers
python docs/make_map.py --check   exits with 1 where the document is not current

A room is a package. What is in it is the first sentence of its docstring. An arrow from one room to another
is an import. Pictures leave out an arrow where a longer way leads to the same room.
"""

import ast
import tomllib
from collections.abc import Iterable, Iterator, Mapping

from made import ROOT, MadePart

Arrows = Mapping[str, frozenset[str]]


def linter() -> dict[str, list[dict[str, object]]]:
    """What pyproject.toml tells import-linter."""
    found: dict[str, list[dict[str, object]]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]
    return found


def packages(folder: str) -> list[str]:
    """The packages in a folder, by name."""
    return sorted(path.parent.name for path in (ROOT / folder).glob("*/__init__.py"))


def says(room: str) -> str:
    """The first sentence of a room's docstring."""
    text = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text())) or ""
    first = text.split("\n\n")[0].replace("\n", " ")
    return first.rstrip(":").split(". ")[0].rstrip(".")


def imported(room: str) -> Iterator[str]:
    """The full names of all that a room's modules import."""
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (one.name for one in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{one.name}" for one in node.names)


def arrows(rooms: Iterable[str]) -> Arrows:
    """Which of these rooms (paths such as `tasks/store`) each one imports from."""
    known = {room.replace("/", "."): room for room in rooms}
    found: dict[str, frozenset[str]] = {}
    for room in known.values():
        met = set()
        for name in imported(room):
            parts = name.split(".")
            met |= {known[".".join(parts[:n])] for n in (1, 2) if ".".join(parts[:n]) in known}
        found[room] = frozenset(met - {room})
    return found


def reachable(start: str, along: Arrows) -> set[str]:
    """All rooms that arrows lead to from here."""
    seen: set[str] = set()
    left = list(along.get(start, ()))
    while left:
        room = left.pop()
        if room not in seen:
            seen.add(room)
            left.extend(along.get(room, ()))
    return seen


def shortened(along: Arrows) -> Arrows:
    """Without the arrows where a longer way leads to the same room."""
    return {
        room: frozenset(to for to in tos if not any(to in reachable(other, along) for other in tos - {to}))
        for room, tos in along.items()
    }


def picture(along: Arrows) -> str:
    """A Mermaid flowchart, from above to below."""
    lines = ["```mermaid", "flowchart TD"]
    lines += [f'    {room.replace("/", "_")}["{room}/"]' for room in along]
    lines += [
        f"    {room.replace('/', '_')} --> {to.replace('/', '_')}"
        for room, tos in along.items()
        for to in sorted(tos)
    ]
    return "\n".join([*lines, "```"])


def table(rooms: Iterable[str], along: Arrows) -> str:
    """A line a room: what is in it, and which of its neighbours it imports from."""
    lines = ["| room | what is in it | imports from |", "|---|---|---|"]
    for room in rooms:
        neighbours = ", ".join(f"`{one.split('/')[-1]}`" for one in sorted(along[room]))
        lines.append(f"| `{room}/` | {says(room)} | {neighbours or 'none'} |")
    return "\n".join(lines)


def subjects() -> list[str]:
    """The rooms of tasks/ that import-linter keeps independent of one another."""
    for contract in linter()["contracts"]:
        modules = contract.get("modules")
        if contract["type"] == "independence" and isinstance(modules, list):
            named = [str(one).replace(".", "/") for one in modules if str(one).startswith("tasks.")]
            if named:
                return sorted(named)
    raise SystemExit("pyproject.toml has no contract that keeps the subjects of tasks/ apart")


def made() -> str:
    """Everything between the markers."""
    house = list(map(str, linter()["root_packages"]))
    inside = [f"tasks/{one}" for one in packages("tasks")]
    about = subjects()
    means = [room for room in inside if room not in about]
    between, within = arrows(house), arrows(inside)
    rules = "\n".join(f"- {contract['name']}." for contract in linter()["contracts"])
    return "\n\n".join(
        [
            "### The house",
            picture(shortened(between)),
            table(house, between),
            "### The subjects of tasks/",
            table(about, within),
            "### The means that they share",
            table(means, within),
            "### What import-linter holds",
            rules,
        ]
    )


if __name__ == "__main__":
    raise SystemExit(MadePart("docs/make_map.py", "docs/architecture.md", made).main())
