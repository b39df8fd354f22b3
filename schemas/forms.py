"""What people fill in, in the Prefect UI's run form and on the command line alike.

Titles, choices and help are what the form shows. Every model refuses a bad value with a sentence that
names the field. Whether a request is *complete* is not decided here but by policy/account_creation.py,
so that it can be sent back with every reason at once.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from schemas.errors import BadInput, LooksLikeASecret
from schemas.language import half
from schemas.plain_words import why_wrong
from schemas.secrets import looks_like_a_secret, says_a_password

LONGEST_HANDLE, SHORTEST_REASON = 100, 3

#: The sentence that a person reads who wrote a password into a text.
VAULT_ADVICE = half(
    "this looks like a password: take it out, change it on the platform, "
    "and give the name of its entry in the vault instead"
)


#: Days that somebody may mean: what lies outside is a slip in the year.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)

#: What pasting brings along and nobody sees: other spaces, a return before a line end, soft hyphens.
_PASTED = {0xA0: " ", 0x202F: " ", 0x2007: " ", 0x2009: " ", 0x3000: " ", 0x0D: None, 0xAD: None}
_JOINERS = "\u200c\u200d"  # they hold an emoji, or letters of some scripts, together


def _printable(value: str) -> str:
    value = value.translate(_PASTED).strip()
    if any(not letter.isprintable() and letter not in "\n\t" + _JOINERS for letter in value):
        raise ValueError("there is a control character in it: type it again instead of pasting")
    return value


def _one_line(value: str) -> str:
    value = _printable(value)
    if "\n" in value or "\t" in value:
        raise ValueError("it must be one line")
    return value


def _handle(value: str) -> str:
    if not any(letter.isalnum() for letter in value):
        raise ValueError("give the name it would show on the platform, for example @lakeside.school")
    bare = value.removeprefix("@")
    plain = all(letter.isalnum() or letter in "._-" for letter in bare)
    if looks_like_a_secret(f"@{bare}" if plain else value):  # a handle is one without its sign too
        raise ValueError(VAULT_ADVICE)
    if len(value.casefold()) > LONGEST_HANDLE:
        raise ValueError(f"a handle has at most {LONGEST_HANDLE} characters")
    return value


def _identifier(value: str) -> str:
    """A platform's own id may look as random as a password: only what says that it is one is refused."""
    if not value:
        raise ValueError("give the id that the platform itself uses")
    if says_a_password(value):
        raise ValueError(VAULT_ADVICE)
    return value


def _reason(value: str) -> str:
    if len(value) < SHORTEST_REASON:
        raise ValueError("say why, in a sentence" if not value else "say it in a few more words")
    return value


def _no_secret(value: str) -> str:
    if looks_like_a_secret(value):
        raise ValueError(VAULT_ADVICE)
    return value


#: Entries of password managers that have addresses of their own.
_VAULT_ADDRESS = re.compile(r"(?:op|bw)://[\w .&'()+/-]+")
#: The vault's name, and the entry: vault/Lakeside Instagram.
_VAULT_ENTRY = re.compile(r"[\w .&'()+-]+(?:/[\w .&'()+-]+)+")


def is_vault_reference(value: str, vaults: Iterable[str]) -> bool:
    """Whether it names an entry of a vault: by its address, or by one of these vaults' names and a path."""
    name = value.partition("/")[0].strip().casefold()
    return _VAULT_ADDRESS.fullmatch(value) is not None or (
        _VAULT_ENTRY.fullmatch(value) is not None and name in {one.casefold() for one in vaults}
    )


def _vault(value: str) -> str:
    if value and not is_vault_reference(value, [value.partition("/")[0].strip()]):
        raise ValueError(VAULT_ADVICE)
    return value


def _address(value: str) -> str:
    value = value.strip().lower()
    local, at, host = value.rpartition("@")
    if not at or not local or "." not in host or any(letter.isspace() for letter in value):
        raise ValueError("this is not an e-mail address")
    return value


def _person(value: str) -> str:
    if "@" in value:
        return _address(value)
    if not value:
        raise ValueError("give an e-mail address, a number or a name")
    if looks_like_a_secret(value):
        raise ValueError(VAULT_ADVICE)
    return value


def of_this_age(day: date) -> date:
    """The same day, if somebody may mean it. Raises ValueError."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("no day before 1990 or after 2099 is meant here: look at its year")
    return day


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("this is not a day: write it as 2026-09-30") from None
    return of_this_age(value) if isinstance(value, date) else value


def _moment(value: object) -> object:
    """A day and a time as people write them; without a zone: the division's is meant."""
    if not isinstance(value, str):
        return value
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError("this is not a day and a time: write it as 2026-09-30 14:30") from None
    if found.tzinfo is not None:
        raise ValueError("give the time as your clock shows it, without a zone: 2026-09-30 14:30")
    of_this_age(found.date())
    return found


def _page(value: str) -> str:
    if not value.lower().startswith(("https://", "http://")):
        raise ValueError("a page's address starts with https://")
    if any(letter.isspace() for letter in value):
        raise ValueError("an address has no spaces")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise ValueError("this is not the address of a page")
    if "@" in parts.netloc or says_a_password(value):
        raise ValueError(VAULT_ADVICE)
    return value


@dataclass(frozen=True)
class OneOf:
    """The field's value, or each of its values, is the id of an entry of this list of the policy.

    A form is read before the policy is at hand: `policy.known.refuse_unknown` looks the ids up.
    """

    entries: Literal[
        "offices",
        "levels",
        "platforms",
        "texts",
        "tools",
        "grounds",
        "courses",
        "vaults",
        "leaves",
        "broken",
        "controls",
    ]


@dataclass(frozen=True)
class Picked:
    """The field's value, or each of its values, is one of these: pages offer those that who asks may see.

    A "setting" is one of the privacy settings of the account that the form names.
    """

    of: Literal["person", "setting"]


Email = Annotated[str, Field(max_length=254), AfterValidator(_printable), AfterValidator(_address)]
Prose = Annotated[str, Field(max_length=4000), AfterValidator(_printable), AfterValidator(_no_secret)]
Line = Annotated[str, Field(max_length=200), AfterValidator(_one_line), AfterValidator(_no_secret)]
#: "Theirs=ours": it looks like a password by nature.
Pair = Annotated[str, Field(max_length=400), AfterValidator(_one_line)]
Handle = Annotated[str, Field(max_length=200), AfterValidator(_one_line), AfterValidator(_handle)]
Identifier = Annotated[str, Field(max_length=200), AfterValidator(_one_line), AfterValidator(_identifier)]
#: Where a password is kept: `policy.known.refuse_unknown` reads it, since the policy names the vaults.
VaultReference = Annotated[
    str, Field(max_length=200), AfterValidator(_one_line), AfterValidator(_vault), OneOf("vaults")
]
#: A copy of what others wrote: it may look like anything.
Copied = Annotated[str, Field(max_length=20_000), AfterValidator(_printable)]
GroundId = Annotated[str, Field(max_length=40), OneOf("grounds")]
Reason = Annotated[Prose, AfterValidator(_reason)]
#: A person by e-mail address, number or name, as `tasks.store.lookup.person` finds them.
PersonRef = Annotated[
    str, Field(max_length=254), AfterValidator(_one_line), AfterValidator(_person), Picked("person")
]
#: A privacy setting by its id in the checklist of the account's platform.
SettingId = Annotated[Line, Picked("setting")]
#: The ids of the policy's lists, as the store keeps them.
LONGEST_ID = 40
OfficeId = Annotated[str, Field(max_length=LONGEST_ID), OneOf("offices")]
LevelId = Annotated[str, Field(max_length=LONGEST_ID), OneOf("levels")]
PlatformId = Annotated[str, Field(max_length=LONGEST_ID), OneOf("platforms")]
TextId = Annotated[str, Field(max_length=LONGEST_ID), OneOf("texts")]
CourseId = Annotated[str, Field(max_length=LONGEST_ID), OneOf("courses")]
#: The name of a control under which leave is asked for.
LeaveFor = Annotated[str, Field(max_length=80), OneOf("leaves")]
#: The name of a control, of any kind.
ControlName = Annotated[str, Field(max_length=80), OneOf("controls")]
Day = Annotated[date, BeforeValidator(_day)]
#: A day and a time of the division, without a zone.
LocalMoment = Annotated[datetime, BeforeValidator(_moment)]
PageAddress = Annotated[str, Field(max_length=2000), AfterValidator(_one_line), AfterValidator(_page)]


@dataclass(frozen=True)
class OnCommand:
    """How a field is given at the terminal, where it is not `--its-name`: another option, or no option.

    `option` may name the opposite too ("--training/--no-training").
    """

    option: str = ""
    positional: bool = False


def _numbered(schema: dict[str, Any]) -> None:
    """Number the fields: the run form keeps that order, where its database would sort them by length."""
    for position, field in enumerate(schema.get("properties", {}).values()):
        field["position"] = position


class Form(BaseModel):
    """The root of the forms: an unknown field is refused, so that a typo is not a silent no."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, json_schema_extra=_numbered)


def free_text(form: type[BaseModel]) -> tuple[str, ...]:
    """The fields that take anybody's own words, which go through Prefect's database with a run form."""

    def takes_words(kind: Any) -> bool:
        inside = (*get_args(kind), *getattr(kind, "__metadata__", ()))
        return any(one == AfterValidator(_no_secret) or takes_words(one) for one in inside)

    return tuple(
        name
        for name, field in form.model_fields.items()
        if AfterValidator(_no_secret) in field.metadata or takes_words(field.annotation)
    )


#: Of a field that may be missing when a form is handed in, and without which it comes back.
WANTED: Final[dict[str, Any]] = {"wanted": True}


@dataclass(frozen=True)
class ShortPage:
    """Some fields of a form that are asked for on a page of their own, under this title."""

    title: str
    fields: tuple[str, ...]


class ActForm(Form):
    """The root of the forms of acts: whoever hands one in says who they are.

    `pages`: for a form that is long for a phone, which of its fields the web pages ask for together, page by
    page. A field on none of them is not asked for: a link gives it.
    """

    pages: ClassVar[tuple[ShortPage, ...]] = ()

    actor: Annotated[PersonRef, OnCommand("--as")] = Field(
        title="Who you are", description="Your e-mail address, your number, or your name."
    )


def refuse_secret(field: str, text: str) -> None:
    """For texts that come in without a form. Raises LooksLikeASecret, which names the field."""
    if looks_like_a_secret(text):
        raise LooksLikeASecret(f"{field}: {VAULT_ADVICE}.")


F = TypeVar("F", bound=Form)


def _named(loc: tuple[int | str, ...], called: Callable[[str], str]) -> str:
    """A field as people count: "administrators 2". One that we do not have may itself be a secret."""
    if not loc:
        return half("the form")
    field = str(loc[0])
    if looks_like_a_secret(field):
        return half("a field")
    field = called(field)
    return f"{field} {loc[1] + 1}" if len(loc) > 1 and isinstance(loc[1], int) else field


def read(form: type[F], values: dict[str, object], called: Callable[[str], str] = str) -> F:
    """The form, or BadInput (LooksLikeASecret) with every field that is wrong and why, in one sentence.

    `called` is how the person who fills it knows a field.
    """
    try:
        return form.model_validate(values)
    except ValidationError as error:
        said, fields = [], dict[str, str]()
        for one in error.errors():
            why = why_wrong(one)
            said.append(f"{_named(one['loc'], called)}: {why}")
            name, *within = one["loc"] or ("",)
            which = f"{within[0] + 1}: " if within and isinstance(within[0], int) else ""
            if name in form.model_fields:
                fields.setdefault(str(name), which + why)
        kind = LooksLikeASecret if any(VAULT_ADVICE in one for one in said) else BadInput
        raise kind("; ".join(said) + ".", fields=fields) from None
