"""What is drawn here on the server: the badge, the feed, an account's history as a line."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

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
    ET.SubElement(svg, "path", {"d": drawn, "fill": "none", "stroke": "#fff", "stroke-width": "2.5"})
    words = {"x": "32", "y": "18.5", "fill": "#fff", "font-size": "12.5"}
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
