"""What is to be translated, and the catalogues brought up to it: `python -m deployments.texts`.

Found are the lines of templates, what code gives to `t`, `tn` and `later`, and the words of the closed lists.
A text that changed keeps its old translation, marked as doubtful, until somebody has read it again.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages import Catalog, pofile

from policy.controls.look import Cadence
from schemas import states, words
from schemas.language import FIELD, FOLDER, LANGUAGES, SENTENCE, SOURCE
from schemas.settings import ROOT
from tasks.acts.act import described
from tasks.acts.table import ACTS, Entry, titled
from tasks.translated import units

#: Where people are spoken to. Commands, runs and logs stay English.
ROOMS = ("schemas", "policy", "tasks", "portal")
TEMPLATES = ("portal/templates/*.html", "tasks/mail/templates/*.md")
#: Where sentences are written that people meet on pages: refusals, findings, receipts, reports.
SENTENCES = ("policy", "portal", "tasks")
#: Of these, what speaks to whoever runs Steward, to Prefect or to programs.
SILENT = (
    *("policy/codes.py", "portal/serving.py", "portal/metrics.py", "portal/xapi.py", "tasks/clock.py"),
    *("policy/localized.py", "policy/notices/base.py", "portal/guard.py"),
    *("tasks/store/apply.py", "tasks/store/rehearsals.py", "tasks/acts/table.py"),
    *("tasks/health.py", "tasks/heads.py", "tasks/mail", "tasks/prefect", "tasks/rehearsal"),
)
#: Of what is silent, an act that a page has.
SPOKEN = "tasks/mail/release.py"
#: Where a move, and what makes one, has its cause.
_CAUSES = {"Move": 5, "moved": 2}
#: Functions of schemas.language: what they are given is a text already.
#: A sentence that begins with a value and has fewer letters of its own would fit too much else.
_LETTERS = 7
_WORD = re.compile(r"[^\W\d_]{2}")
#: A cause that is a key, which nobody reads.
_KEY = re.compile(r"/|:\{")
_MARKS = {"t", "tn", "later", "half"}
#: Where forms are refused. What is wrong with a field is a part of a sentence, which begins with the field.
REFUSING = (
    *("schemas/forms.py", "schemas/plain_words.py", "policy/known.py", "policy/model", "policy/controls"),
    *("policy/parts.py", "policy/organization.py", "policy/notice_text.py", "tasks"),
)
_REFUSALS = {"ValueError", "BadFile", "Unreadable", "UnknownState", "_error", "_Bad"}
#: What notes a cell's column first, or its row and its column.
_SAID_AT = {"wrong": (1, 2)}
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
    read = [path for room in SENTENCES for path in sorted((ROOT / room).rglob("*.py"))]
    for path in (*read, *(ROOT / one for one in REFUSING if one.startswith("schemas/"))):
        silent = any(path.is_relative_to(ROOT / one) for one in SILENT)
        if path == ROOT / SPOKEN or not silent:
            yield from _sentences(path)
    for name, entry in ACTS.items():
        yield from _of_act(name, entry)
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


def _of_act(name: str, entry: Entry) -> Iterator[Message]:
    """What the pages say of an act, and of each field of its form."""
    made, where = entry.load(), f"act {name}"
    yield Message(titled(name), where)
    yield from (Message(one, where) for one in (entry.line, made.does, described(made)))
    for field in made.form.model_fields.values():
        yield from (Message(one, where) for one in (field.title, field.description) if one)


def _sentences(path: Path) -> Iterator[Message]:
    """The sentences that a module writes with their values in place, whatever becomes of them."""
    where, tree = str(path.relative_to(ROOT)), ast.parse(path.read_text())
    passed, refuses = _unread(tree), any(path.is_relative_to(ROOT / one) for one in REFUSING)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant | ast.JoinedStr) or id(node) in passed:
            continue
        if sentence := _written(node, whole=True):
            yield Message(sentence, where, context=SENTENCE)
    causes = {**_CAUSES, **_given_causes(tree)}
    for node in ast.walk(tree):
        for one in _named_causes(node):
            if (words := _written(one, whole=False)) and not _KEY.search(words):
                yield Message(words, where, context=SENTENCE)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            for one in (*_parts_of(node, causes), *(_refused(node) if refuses else ())):
                if words := _written(one, whole=False):
                    yield Message(words, where, context=SENTENCE)


def _unread(tree: ast.AST) -> set[int]:
    """Docstrings, parts of longer strings, and what is marked as a text or logged."""
    passed = set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            passed |= {id(one) for part in node.values for one in ast.walk(part)}
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in _MARKS:
                passed |= {id(one) for one in node.args}
            passed |= {id(one.value) for one in node.keywords if one.arg in {"description", "title", "does"}}
    return passed


def _given_causes(tree: ast.AST) -> Mapping[str, int]:
    """Functions of a module that are given a cause, each with its place."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [one.arg for one in node.args.args]
            if "cause" in names:
                found[node.name] = names.index("cause")
    return found


def _named_causes(node: ast.AST) -> Iterator[ast.expr]:
    """A cause that has the name before it is handed on."""
    if isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "cause" for one in node.targets):
        yield from _either(node.value)


def _either(said: ast.expr) -> Sequence[ast.expr]:
    return (*_either(said.body), *_either(said.orelse)) if isinstance(said, ast.IfExp) else (said,)


def _parts_of(call: ast.Call, causes: Mapping[str, int]) -> Iterator[ast.expr]:
    """Words without an end: who may do an act, and what the audit chain says was done."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "half" and call.args:
        yield call.args[0]
    if name == "Who" and call.args:
        yield call.args[0].body if isinstance(call.args[0], ast.Lambda) else call.args[0]
    for keyword in call.keywords:
        if keyword.arg == "cause":
            yield from (one for one in _either(keyword.value) if not _KEY.search(_written(one, whole=False)))
    if (place := causes.get(name)) is not None and len(call.args) > place:
        yield from (one for one in _either(call.args[place]) if not _KEY.search(_written(one, whole=False)))


def _refused(call: ast.Call) -> Iterator[ast.expr]:
    """What is said of a field, of a file or of a cell, and which of two things it says."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    of_row = name == "add" and ast.unparse(call.func).endswith("problems.add")
    for said in (call.args[at] for at in _SAID_AT.get(name, (0,)) if len(call.args) > at):
        if name not in _SAID_AT and name not in _REFUSALS and not of_row:
            return
        for one in (said.body, said.orelse) if isinstance(said, ast.IfExp) else (said,):
            if not isinstance(one, ast.Constant) or str(one.value).count(" ") > 1:  # else a column's name
                yield one


def _written(node: ast.expr, *, whole: bool) -> str:
    """A text as a catalogue has it, each value by its place; empty for what is none. `whole`: sentences."""
    if isinstance(node, ast.Constant):
        said = node.value if isinstance(node.value, str) else ""
    elif isinstance(node, ast.JoinedStr):
        said, count = "", 0
        for part in node.values:
            count += isinstance(part, ast.FormattedValue)
            said += str(part.value) if isinstance(part, ast.Constant) else f"{{v{count}}}"
    else:
        said = ""
    said = said.strip()
    bare = FIELD.sub("", said)
    if not _WORD.search(bare) or (said.startswith("{v") and sum(map(str.isalpha, bare)) < _LETTERS):
        return ""
    return said if not whole or (" " in said and said.endswith((".", ":", "?"))) else ""


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
