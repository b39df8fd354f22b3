"""The forms of a page as a browser has them: what can be filled in, whose it is, and what a button sends."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

#: What nobody fills in, and files: a browser gives no page its file back.
_NOT_TYPED = frozenset({"hidden", "submit", "button", "file"})
_TICKED = frozenset({"checkbox", "radio"})
#: What is typed, by the type of the field. A number is one wherever digits are asked for.
_WORDS = {"date": "2026-10-01", "email": "typed@example.org"}


@dataclass(frozen=True)
class Control:
    """One field. `form`: the id of its form, or the form's place on the page."""

    name: str
    value: str
    type: str
    form: str
    ticked: bool = False
    digits: bool = False
    options: tuple[str, ...] = ()

    @property
    def typed(self) -> bool:
        """Whether people fill it in."""
        return self.type not in _NOT_TYPED

    @property
    def sent(self) -> bool:
        """Whether it goes with its form."""
        return bool(self.name) and (self.type not in _TICKED or self.ticked) and self.type != "file"


@dataclass(frozen=True)
class Button:
    """A button that sends a form, with its attributes."""

    form: str
    attributes: dict[str, str]


@dataclass
class Forms(HTMLParser):
    """Reads a page. `forms`: action and method of each."""

    forms: dict[str, tuple[str, str]] = field(default_factory=dict)
    controls: list[Control] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._form, self._area = "", ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """A form, a field or a button begins."""
        its = {name: value or "" for name, value in attrs}
        owner = its.get("form", self._form)
        if tag == "form":
            self._form = its.get("id", f"form {len(self.forms)}")
            self.forms[self._form] = (its.get("action", ""), its.get("method", "get"))
        elif tag == "button":
            self.buttons.append(Button(owner, its))
        elif tag in {"input", "textarea", "select"}:
            kind = its.get("type", "text") if tag == "input" else tag
            at_first = its.get("value", "on" if kind in _TICKED else "")
            self._area = tag if tag != "input" else self._area
            self.controls.append(
                Control(
                    its.get("name", ""),
                    at_first,
                    kind,
                    owner,
                    "checked" in its,
                    its.get("inputmode") == "numeric",
                )
            )
        elif tag == "option" and self._area == "select":
            last = self.controls[-1]
            value = its.get("value", "") if "selected" in its or not last.options else last.value
            self.controls[-1] = replace(last, value=value, options=(*last.options, its.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """Outside of it fields are others' again."""
        if tag == "form":
            self._form = ""
        if tag == self._area:
            self._area = ""

    def handle_data(self, data: str) -> None:
        """What stands in a large field."""
        if self._area == "textarea":
            last = self.controls[-1]
            self.controls[-1] = replace(last, value=last.value + data)


def read(page: str) -> Forms:
    """The forms of a page."""
    found = Forms()
    found.feed(page)
    return found


def filled_in(controls: Sequence[Control]) -> list[Control]:
    """The same fields as somebody leaves them: every box ticked, the last choice made, words everywhere."""
    last = {one.name: one for one in controls if one.type == "radio"}
    done = []
    for number, one in enumerate(controls):
        if one.type in _TICKED:
            done.append(replace(one, ticked=one.type == "checkbox" or one is last[one.name]))
        elif one.options:
            done.append(replace(one, value=one.options[-1]))
        elif one.typed:
            words = str(number + 1) if one.digits else _WORDS.get(one.type, f"Typed {number}")
            done.append(replace(one, value=words))
        else:
            done.append(one)
    return done
