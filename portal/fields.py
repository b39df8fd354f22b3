"""An act's pydantic form as fields of a page, and what was typed there back into values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, QueryParams

from policy.known import choices, list_of
from policy.model import Policy
from portal.naming import LABELS, OF_ACCOUNTS
from portal.saying import on_page
from schemas.errors import BadInput
from schemas.forms import WANTED, ActForm, Picked
from schemas.language import later, t
from schemas.receipt import Receipt
from tasks.acts.table import ACTS
from tasks.people.picks import Picks

#: A text that may be longer than this has several lines.
_ONE_LINE = 400
#: Of a question that may stay open.
_YES_NO = (("true", later("yes")), ("false", later("no")), ("", later("as the policy says")))
#: What a code of a file's form is called.
_CALLED = {"dmy": later("the day first: 31/12/2026"), "mdy": later("the month first: 12/31/2026")}
_EACH_SET = later("Tick each that is set.")
_FIRST_THE_ACCOUNT = later("They are shown on the next page, once the account is known.")
_A_HANDLE = later("Its handle, as @lakeside.school.")
#: How several are given, where they are no choice.
_HANDLES = {
    "accounts": later("Their handles, as @lakeside.school."),
    "strike": later(
        "The handle of an account that the school does not want; several may be named. "
        "Each is closed after a last day, and its people are told."
    ),
}
#: So many choices still stand below one another.
_SHOWN = 6
#: So many accounts are chosen from a list, or ticked; of more, a part is typed.
_CHOSEN, _TICKED = 150, 40


@dataclass(frozen=True)
class Shown:
    """One field of a page. `widget` names its macro's branch in `_fields.html`.

    `options` are all that there are. `offer` names a list of some (see `offers`), beside which anything may
    be typed. `optional`: it may stay empty for good. A form that is handed in without some of its fields
    is sent back for them, so those are neither required nor optional. `wrong`: what is wrong with what
    stands in it. `filed`: its options are words of the policy file.
    """

    name: str
    label: str
    hint: str
    widget: str
    required: bool
    options: Sequence[tuple[str, str]] = ()
    value: Sequence[str] = ()
    offer: str = ""
    optional: bool = False
    wrong: str = ""
    filed: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether it stays empty, so that the form would come back for it."""
        return not (self.required or self.optional or any(self.value))

    @property
    def typed(self) -> str:
        """What stands in a field of one value."""
        return self.value[0] if self.value else ""


def _kind(annotation: Any, metadata: Sequence[Any] = ()) -> tuple[Any, bool, bool, list[Any]]:
    """The type of one value, whether there may be several or none, and what is said of it."""
    said = list(metadata)
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _kind(inner, [*said, *more])
    if get_origin(annotation) in (Union, UnionType):
        kinds = [one for one in get_args(annotation) if one is not NoneType]
        kind, several, _, said = _kind(kinds[0], said)
        return kind, several, True, said
    if get_origin(annotation) is tuple:
        kind, _, _, said = _kind(get_args(annotation)[0], said)
        return kind, True, True, said
    return annotation, False, False, said


def fields(
    form: type[ActForm],
    policy: Policy,
    given: Mapping[str, Sequence[str]] | None = None,
    offered: Picks | None = None,
    wrong: Mapping[str, str] | None = None,
    settings: Sequence[tuple[str, str]] | None = None,
) -> Sequence[Shown]:
    """The fields of an act but for who acts, in their order. `given`: what stands in them.

    `settings`: the privacy settings of the account that stands in one of them; None while none does.
    """
    given, wrong = given or {}, wrong or {}
    found = [
        _offering(_shown(name, info, policy, given.get(name, _default(info))), info, offered or Picks())
        for name, info in form.model_fields.items()
        if _is_asked(name, info)
    ]
    ticked = asks_for_settings(form)
    found = [
        _ticks(one, settings) if one.name in ticked else one
        for one in found
        if settings != () or one.name not in ticked  # nothing is asked of such an account
    ]
    return [replace(one, wrong=wrong.get(one.name, "")) for one in found]


def _ticks(shown: Shown, settings: Sequence[tuple[str, str]] | None) -> Shown:
    """Each setting to be ticked by what it says; none is ticked before. They are words of the policy file."""
    shown = replace(shown, optional=False)
    if settings is None:  # no account is chosen yet: the form comes back with its settings
        return replace(shown, hint=_FIRST_THE_ACCOUNT, widget="none")
    value = tuple(one for one, _ in settings) if tuple(shown.value) == ("all",) else shown.value
    return replace(shown, hint=_EACH_SET, widget="checks", options=settings, value=value, filed=True)


def _is_asked(name: str, info: FieldInfo) -> bool:
    """Who acts is known, and a path would be one of this machine's: neither is taken from a page."""
    return name not in {"actor", "dry_run"} and _kind(info.annotation, info.metadata)[0] is not Path


@cache
def has_page(name: str) -> bool:
    """Whether an act is done by a page: not where it takes or writes a file, or shows something."""
    entry = ACTS.get(name)
    if entry is None or entry.takes_file:
        return False
    act = entry.load()
    files = [
        one for one, info in act.form.model_fields.items() if one != "actor" and not _is_asked(one, info)
    ]
    needed = any(act.form.model_fields[one].is_required() for one in files)
    return not needed and get_type_hints(act.fn).get("return") is Receipt


def _default(info: FieldInfo) -> Sequence[str]:
    value = info.default
    if info.is_required() or value in (None, "", (), False):
        return ()
    return tuple(
        str(one.value if isinstance(one, Enum) else one)
        for one in (value if isinstance(value, tuple) else (value,))
    )


def _shown(name: str, info: FieldInfo, policy: Policy, value: Sequence[str]) -> Shown:
    kind, several, optional, said = _kind(info.annotation, info.metadata)
    options = _options(kind, said, policy)
    longest = min((one.max_length for one in said if getattr(one, "max_length", None)), default=0)
    if kind is bool:
        widget = "yes_no" if optional else "check"
    elif options:
        widget = (
            "checks" if several else ("radios" if len(options) <= _SHOWN and info.is_required() else "select")
        )
    elif several:
        widget = "lines"
    elif kind is date:
        widget = "date"
    elif kind is int:
        widget = "number"
    else:
        widget = "area" if longest > _ONE_LINE and "adress" not in name and "address" not in name else "text"
    if widget == "yes_no":
        options = _YES_NO
    hint = on_page(info.description or "")
    wanted = info.is_required() or info.json_schema_extra == WANTED or _default(info) != ()
    return Shown(
        name,
        info.title or name,
        hint,
        widget,
        info.is_required(),
        options,
        tuple(value),
        optional=not wanted,
        filed=list_of(said) is not None,
    )


def _offering(shown: Shown, info: FieldInfo, offered: Picks) -> Shown:
    """The same field with whom or what to choose; a number that stands in it becomes what people know."""
    kind, several, _, said = _kind(info.annotation, info.metadata)
    if Picked("person") in said:
        known = {str(number): address for number, address, _ in offered.people}
        value = tuple(known.get(one, one) for one in shown.value)
        return replace(shown, widget="several" if several else "text", offer="people", value=value)
    if shown.name in OF_ACCOUNTS and kind is int:
        return _account(shown, offered, several=several)
    if shown.name in {"school", "into"} and kind is str and offered.schools:
        known = {str(number): name for number, name in offered.schools}
        return replace(shown, offer="schools", value=tuple(known.get(one, one) for one in shown.value))
    return shown


def _account(shown: Shown, offered: Picks, *, several: bool) -> Shown:
    """A field of accounts: a choice of few, else their handles with some to choose from; see `numbered`."""
    shown = replace(shown, label=LABELS.get(shown.name, shown.label))
    accounts = [(str(number), called) for number, called in offered.accounts]
    most = _TICKED if several else _CHOSEN if shown.required else 0
    if accounts and len(accounts) <= most and set(shown.value) <= dict(accounts).keys():
        hint = "" if shown.name == "accounts" else shown.hint
        return replace(shown, widget="checks" if several else "select", options=accounts, hint=hint)
    hint = t(_HANDLES[shown.name]) if shown.name in _HANDLES else f"{shown.hint} {t(_A_HANDLE)}".strip()
    known = _as_typed(offered)
    return replace(
        shown,
        widget="several" if several else "text",
        offer="accounts",
        hint=hint,
        value=tuple(known.get(one, one) for one in shown.value),
    )


def _as_typed(offered: Picks) -> Mapping[str, str]:
    """What is typed for each account: what it is called, or its number where two are called so."""
    often = Counter(called for _, called in offered.accounts)
    return {str(number): called if often[called] == 1 else str(number) for number, called in offered.accounts}


def offers(shown: Sequence[Shown], offered: Picks) -> Mapping[str, Sequence[tuple[str, str]]]:
    """The lists that these fields offer, each once for all of them: value and words."""
    every = {
        "people": [(address, name) for _, address, name in offered.people],
        "accounts": [
            (typed, "" if typed == called else called)
            for typed, (_, called) in zip(_as_typed(offered).values(), offered.accounts, strict=True)
        ],
        "schools": [(name, "") for _, name in offered.schools],
    }
    return {name: every[name] for name in sorted({one.offer for one in shown if one.offer})}


def people_in(form: type[ActForm]) -> frozenset[str]:
    """The fields of the form that name a person, or several."""
    return _that_are(Picked("person"), form)


def asks_for_settings(form: type[ActForm]) -> frozenset[str]:
    """The fields of the form that name privacy settings of an account."""
    return _that_are(Picked("setting"), form)


def _that_are(picked: Picked, form: type[ActForm]) -> frozenset[str]:
    return frozenset(
        name
        for name, info in form.model_fields.items()
        if _is_asked(name, info) and picked in _kind(info.annotation, info.metadata)[3]
    )


def needs_picks(form: type[ActForm]) -> bool:
    """Whether any field of the form is a person, an account or a school."""
    return bool(people_in(form)) or any(
        name in {*OF_ACCOUNTS, "school", "into"} and _is_asked(name, info)
        for name, info in form.model_fields.items()
    )


def _options(kind: Any, said: Sequence[Any], policy: Policy) -> Sequence[tuple[str, str]]:
    entries = list_of(list(said))
    if entries is not None and (known := choices(policy, entries)):
        return [(one, _called(one, entries, policy)) for one in known]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [(str(one.value), _CALLED.get(one.value, str(one.value))) for one in kind]
    if get_origin(kind) is Literal:
        return [(str(one), str(one)) for one in get_args(kind)]
    return ()


def _called(entry: str, entries: str, policy: Policy) -> str:
    """What people call an entry of one of the policy's lists: a clause by its number and title, say.

    Several controls may be of one clause: their names tell them apart.
    """
    match entries:
        case "controls":
            return f"{policy.number_of(entry)} · {policy.title_of(entry)} ({entry})"
        case "leaves":
            return f"{policy.number_of(entry)} · {policy.title_of(entry)}"
        case "broken":
            return next((f"{one.id} · {one.title}" for one in policy.clauses if one.id == entry), entry)
        case "courses":
            return policy.course_by_id(entry).title
        case _:
            return policy.label(entry)


def given(typed: FormData | QueryParams, form: type[ActForm]) -> dict[str, list[str]]:
    """What was typed, by field; nothing that is no field of the form. Of several, a line is one each."""
    found = {}
    for name, info in form.model_fields.items():
        if name in typed and _is_asked(name, info):
            words = [str(one) for one in typed.getlist(name) if isinstance(one, str)]
            several = _kind(info.annotation, info.metadata)[1]
            found[name] = [part for one in words for part in _lines(one)] if several else words
    return found


def _lines(words: str) -> list[str]:
    return [part.strip() for part in words.splitlines() if part.strip()]


def values(typed: Mapping[str, Sequence[str]], form: type[ActForm]) -> dict[str, Any]:
    """The same as the form takes it: an empty field is as one that was not given.

    Raises BadInput where a field of one value came with two: nobody can say which of them is meant.
    """
    found: dict[str, Any] = {}
    for name, words in typed.items():
        kind, several, _, said = _kind(form.model_fields[name].annotation, form.model_fields[name].metadata)
        if several:
            parts = [part for one in words for part in _lines(one)]
            if parts:
                found[name] = parts
        elif kind is not bool and len({one.strip() for one in words} - {""}) > 1:
            title = form.model_fields[name].title or name
            raise BadInput(f"“{title}” came twice, each time otherwise: send one of them.")
        elif words and words[-1].strip():
            found[name] = words[-1]
        elif kind is str and not said and words:
            found[name] = ""
    return found
