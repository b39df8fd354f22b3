"""What is drawn here on the server: the badge, the feed, an account's history, the months of the year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

from markupsafe import Markup

from policy.notices.words import short_day
from schemas.language import said, t
from tasks.accounts.register import Changed

_ATOM, _SVG = "http://www.w3.org/2005/Atom", "http://www.w3.org/2000/svg"
_BADGES = {"official": ("official account", "#14532d"), "suspended": ("suspended at present", "#6b4600")}
_NOBODY = ("not on our list", "#4a5563")
_LETTER, _HIGH = 7.2, 28
_LONGEST = 40
_BECAME = {"live": "is official", "suspended": "is suspended", "closed": "is closed"}


def badge(handle: str, answer: str) -> bytes:
    """A small picture: the handle, and whether it is official. Words stand in it, not colour alone."""
    said, colour = _BADGES.get(answer, _NOBODY)
    shown = handle if len(handle) <= _LONGEST else f"{handle[: _LONGEST - 1]}…"
    text = f"{shown}: {said}" if shown else said
    wide = round(len(text) * _LETTER + 44)
    svg = ET.Element(
        "svg",
        {
            "xmlns": _SVG,
            "width": str(wide),
            "height": str(_HIGH),
            "role": "img",
            "viewBox": f"0 0 {wide} {_HIGH}",
        },
    )
    ET.SubElement(svg, "title").text = text
    ET.SubElement(svg, "rect", {"width": str(wide), "height": str(_HIGH), "rx": "6", "fill": colour})
    drawn = "M12 14.5l4 4 8-9" if answer == "official" else "M12 14h12"
    ET.SubElement(svg, "path", {"d": drawn, "fill": "none", "stroke": "#fff", "stroke-width": "3"})
    words = {"x": "32", "y": "18.5", "fill": "#fff", "font-size": "13"}
    words["font-family"] = "Verdana, DejaVu Sans, sans-serif"
    ET.SubElement(svg, "text", {**words, "textLength": str(wide - 42)}).text = text
    return bytes(ET.tostring(svg, encoding="utf-8"))


def feed(found: Sequence[Changed], organization: str, home: str) -> bytes:
    """The changes of the list as an Atom feed, the newest first."""
    host = urlsplit(home).hostname or ""
    made = ET.Element("feed", {"xmlns": _ATOM})
    ET.SubElement(made, "title").text = f"Official accounts of {organization}"
    ET.SubElement(made, "id").text = f"tag:{host},2026:official-accounts"
    ET.SubElement(made, "link", {"rel": "self", "href": f"{home}/api/v1/changes.atom"})
    ET.SubElement(made, "updated").text = _instant(found[0].at if found else datetime(2026, 1, 1, tzinfo=UTC))
    author = ET.SubElement(made, "author")
    ET.SubElement(author, "name").text = organization
    for one in found:
        entry = ET.SubElement(made, "entry")
        ET.SubElement(entry, "title").text = _became(one)
        ET.SubElement(entry, "id").text = f"tag:{host},2026:official-accounts/{one.entry}"
        ET.SubElement(entry, "updated").text = _instant(one.at)
        ET.SubElement(entry, "link", {"href": f"{home}/verify?{urlencode({'q': one.handle})}"})
        ET.SubElement(entry, "summary").text = f"{_became(one)}. It is run by {one.run_by}."
    return bytes(ET.tostring(made, encoding="utf-8", xml_declaration=True))


def _became(one: Changed) -> str:
    return f"{one.handle} on {one.platform} {_BECAME.get(one.became, 'is on the list no more')}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Stretch:
    """A time in which an account was in one state. The days are both of it; `now`: it still is."""

    state: str
    begins: date
    ends: date
    now: bool

    @property
    def days(self) -> int:
        """How many days, both ends counted."""
        return (self.ends - self.begins).days + 1


@dataclass(frozen=True)
class Bar:
    """A month's name and how much falls due."""

    name: str
    count: int


_WIDE, _LINE_HIGH, _BARS_HIGH = 640, 74, 190
#: A state's name stands in its stretch where there is room for it.
_ROOM = 15
#: Letters that have room beneath a bar, on a phone too.
_SHORT = 3
#: Names of so many months stand beside one another on a phone.
_FEW = 6


def line(stretches: Sequence[Stretch], title: str) -> Markup:
    """An account's history as a line. The table beside it says the same in words."""
    svg = _drawing(_LINE_HIGH, title)
    days = sum(one.days for one in stretches) or 1
    x = 0.0
    for one in stretches:
        wide = one.days / days * _WIDE
        group = ET.SubElement(svg, "g", {"class": f"state-{one.state}"})
        ET.SubElement(group, "title").text = t(
            "{state}, {begins} to {ends}",
            state=said(one.state),
            begins=short_day(one.begins),
            ends=short_day(one.ends),
        )
        place = {"x": f"{x:.1f}", "y": "4", "width": f"{max(wide - 1, 1):.1f}", "height": "36"}
        ET.SubElement(group, "rect", place)
        if wide > len(said(one.state)) * _ROOM:
            ET.SubElement(group, "text", {"x": f"{x + 8:.1f}", "y": "29"}).text = said(one.state)
        x += wide
    if stretches:
        ET.SubElement(svg, "text", {"x": "0", "y": "66", "class": "axis"}).text = short_day(
            stretches[0].begins
        )
        end = {"x": str(_WIDE), "y": "66", "class": "axis", "text-anchor": "end"}
        ET.SubElement(svg, "text", end).text = short_day(stretches[-1].ends)
    return _markup(svg)


def bars(months: Sequence[Bar], said: str) -> Markup:
    """A bar for each month, with its figure above it. Many months, or long names, stand in two rows."""
    rows = 2 if len(months) > _FEW or any(len(one.name) > _SHORT for one in months) else 1
    svg = _drawing(_BARS_HIGH, said)
    most = max((one.count for one in months), default=0) or 1
    wide = _WIDE / max(len(months), 1)
    for place, one in enumerate(months):
        high = one.count / most * (_BARS_HIGH - 40 - rows * 30)
        x, top = place * wide, _BARS_HIGH - rows * 30 - high
        size = {"width": f"{wide - 10:.1f}", "height": f"{max(high, 1):.1f}"}
        ET.SubElement(svg, "rect", {"x": f"{x + 5:.1f}", "y": f"{top:.1f}", "class": "bar", **size})
        middle = {"x": f"{x + wide / 2:.1f}", "text-anchor": "middle"}
        ET.SubElement(svg, "text", {**middle, "y": f"{top - 6:.1f}", "class": "axis"}).text = str(one.count)
        low = {"y": str(_BARS_HIGH - 10 - (rows - 1 - place % rows) * 28), "class": "axis"}
        ET.SubElement(svg, "text", {**middle, **low}).text = one.name
    return _markup(svg)


def _drawing(high: int, said: str) -> ET.Element:
    box = {"viewBox": f"0 0 {_WIDE} {high}", "class": "drawing", "role": "img", "aria-label": said}
    return ET.Element("svg", {"xmlns": _SVG, **box})


def _markup(svg: ET.Element) -> Markup:
    """A drawing for the middle of a page: the library has escaped every word in it."""
    return Markup(ET.tostring(svg, encoding="unicode"))  # noqa: S704
