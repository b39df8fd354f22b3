"""What is to be translated, and the catalogues brought up to it: `python -m deployments.texts`.

Found are the lines of templates, what code gives to `t`, `tn` and `later`, and the words of the closed lists.
A text that changed keeps its old translation, marked as doubtful, until somebody has read it again.
"""

import ast
import sys
from collections.abc import Iterator
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages import Catalog, pofile

from policy.controls.look import Cadence
from schemas import states, words
from schemas.language import FOLDER, LANGUAGES, SENTENCE, SOURCE
from schemas.settings import ROOT
from tasks.acts.table import ACTS
from tasks.translated import units

#: Where people are spoken to. Commands, runs and logs stay English.
ROOMS = ("schemas", "policy", "tasks", "portal")
TEMPLATES = ("portal/templates/*.html", "tasks/mail/templates/*.md")
#: Whose refusals and findings people meet on pages that are offered in every language.
REFUSALS = (
    *("policy/controls", "portal", "tasks/access/gates.py", "tasks/acts/from_public.py"),
    *("tasks/credentials", "tasks/guidance", "tasks/monitoring/check_in.py", "tasks/privacy/attest.py"),
    *("tasks/sign_in", "tasks/store/engine.py", "tasks/store/lookup.py"),
)
_LISTS = [
    *(one for module in (words, states) for _, one in sorted(vars(module).items())),
    Cadence,
]
#: Lines of a catalogue's head that change with each writing, and say nothing that the history does not.
_FLEETING = ("Project-Id", "Report-Msgid", "POT-Creation", "PO-Revision", "Last-Translator", "Language-Team",
             "Generated-By")  # fmt: skip


class Message(NamedTuple):
    """A text of ours: `many` where it has a plural; `where` is the file that says it."""

    text: str
    where: str
    many: str = ""
    context: str | None = None


def messages() -> Iterator[Message]:
    """Every text, file by file. The same text may come more than once."""
    for pattern in TEMPLATES:
        for path in sorted(ROOT.glob(pattern)):
            where = str(path.relative_to(ROOT))
            yield from (Message(unit.words, where) for unit in units(path.read_text()))
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield from _marked(path)
    for named in REFUSALS:
        place = ROOT / named
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            yield from _sentences(path)
    for name, entry in ACTS.items():
        yield Message(entry.load().does, f"act {name}")
    for one in _LISTS:
        if isinstance(one, type) and issubclass(one, StrEnum):
            yield from (Message(str(word.value), f"{one.__module__}.{one.__name__}") for word in one)


def _marked(path: Path) -> Iterator[Message]:
    """What a module gives to the functions of schemas.language."""
    where = str(path.relative_to(ROOT))
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        given = [one.value for one in node.args if isinstance(one, ast.Constant)]
        texts = [one for one in given if isinstance(one, str)]
        if node.func.id in {"t", "later"} and texts:
            yield Message(texts[0], where)
        elif node.func.id == "tn" and len(texts) == 2:  # noqa: PLR2004 - one, many
            yield Message(texts[0], where, texts[1])


def _sentences(path: Path) -> Iterator[Message]:
    """What a module refuses with, and what its rules write where something is found."""
    where = str(path.relative_to(ROOT))
    for node in ast.walk(ast.parse(path.read_text())):
        call = node.exc if isinstance(node, ast.Raise) else node
        if not isinstance(call, ast.Call) or not call.args:
            continue
        is_rule = isinstance(call.func, ast.Name) and call.func.id == "literal"
        if (isinstance(node, ast.Raise) or is_rule) and (sentence := _written(call.args[0])):
            yield Message(sentence, where, context=SENTENCE)


def _written(node: ast.expr) -> str:
    """A sentence as a catalogue has it, each value by its place; empty for what is none."""
    if isinstance(node, ast.Constant):
        said = node.value if isinstance(node.value, str) else ""
    elif isinstance(node, ast.JoinedStr):
        said, count = "", 0
        for part in node.values:
            count += isinstance(part, ast.FormattedValue)
            said += str(part.value) if isinstance(part, ast.Constant) else f"{{v{count}}}"
    else:
        said = ""
    return said if " " in said and said.endswith((".", ":")) else ""


def template() -> Catalog:
    """All of them as a catalogue without translations."""
    made = Catalog()
    for one in messages():
        text = (one.text, one.many) if one.many else one.text
        made.add(text, locations=[(one.where, 0)], context=one.context)
    return made


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return pofile.read_po(file, locale=language)


def write(catalogue: Catalog, language: str) -> None:
    """Write it, so that the same texts are the same file."""
    for one in catalogue:  # Babel guesses them; a template's line is in neither form
        one.flags -= {"python-format", "python-brace-format"}
    made = BytesIO()
    pofile.write_po(made, catalogue, width=0, ignore_obsolete=True, include_lineno=False)
    lines = made.getvalue().decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(tuple(f'"{one}' for one in _FLEETING))]
    begin = next(place for place, line in enumerate(kept) if line.startswith("msgid"))
    head = f"# Steward in {LANGUAGES[language]}; deployments/texts.py writes what is to be translated.\n#\n"
    (FOLDER / f"{language}.po").write_text(head + "".join(kept[begin:]))


def missing(catalogue: Catalog) -> list[str]:
    """The texts that have no translation, or a doubtful one."""
    return [
        str(one.id)
        for one in catalogue
        if one.id and (one.fuzzy or not all(one.string if isinstance(one.string, tuple) else (one.string,)))
    ]


def main() -> int:
    """Bring every catalogue up to the code, and say what is left to translate."""
    left = 0
    for language in LANGUAGES:
        if language == SOURCE:
            continue
        path = FOLDER / f"{language}.po"
        found = read(language) if path.exists() else Catalog(locale=language)
        found.update(template(), update_creation_date=False)
        write(found, language)
        lacking = missing(found)
        print(f"{language}: {len(found)} texts, {len(lacking)} to translate")
        left += len(lacking)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
