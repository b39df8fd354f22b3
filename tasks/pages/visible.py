"""HTML as a reader sees it: the visible text, and the links.

Not text: scripts, styles, templates, comments, the head, form fields, embedded media, `noscript` (browsers
show it to hardly anybody), and elements that their own attributes hide. A notice that nobody sees is no
notice. What is struck out (`s`, `del`) is not said any more. Text with `aria-hidden` stands on the screen and
counts, the mark of a footnote does not. A link without words or a picture is seen by nobody.

What a style hides, a script adds or a frame shows can't be known here: `doubts` says so, in the words of
`tasks.pages.port.Doubt`.

Hostile HTML can keep any tree builder busy for minutes: 2 MB of nested elements took one seven. So a page is
read by a process of its own, with bounds on its time and memory: forked by this file, run by itself, which
takes one page after the other from its standard input (`tasks.pages.sandbox`). It imports nothing of ours.
"""

import json
import os
import re
import resource
import sys

from selectolax.lexbor import LexborHTMLParser, LexborNode

CHARACTERS_AT_MOST = 2_000_000
LINKS_AT_MOST = 2_000
_WORDS_OF_A_LINK = 200  # characters
_WORDS_OF_A_PICTURE = 5_000
_A_WORD, _A_SIGN = (
    re.compile(r"[^\W_]"),
    re.compile(r"[!-\xac\xae-\u05ff\u2010-\u2027\u2030-\u205e\u2070-\U0001fbff]"),
)
_REVERSED, _AS_BEFORE = "\u202e", "\u202c"  # what stands between them is shown from its end
_SEEN_OTHERWISE = frozenset({"textarea", "svg", "math"})
_STYLE_AT_MOST = 200_000  # characters; a longer one is not read
_UNSEEN = frozenset(
    [
        "head", "script", "style", "template", "noscript", "noframes", "noembed", "progress", "meter",
        "rp", "textarea", "select", "option", "datalist", "iframe", "object", "embed", "svg", "math",
        "canvas", "audio", "video", "s", "strike", "del",
    ]
)  # fmt: skip
_BLOCKS = frozenset(
    [
        "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "dd",
        "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li",
        "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table", "tbody", "td",
        "tfoot", "th", "thead", "title", "tr", "ul",
    ]
)  # fmt: skip
_HIDING = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0+(?:\.0+)?%?\s*(?:!|;|$)"
    r"|font-size\s*:\s*0+(?:\.0+)?(?:[a-z%]*)\s*(?:!|;|$)|text-decoration(?:-line)?\s*:[^;]*line-through"
    r"|content-visibility\s*:\s*hidden)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"([;{}])")  # declarations and selectors
_VALUE_AT_MOST = 200  # characters; a longer one is not known to leave a text as it is
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(px|pt|r?em|%)?(?![\w.%])")
_WORDS = frozenset(
    [
        "font-family", "font-weight", "font-style", "font-variant", "text-align", "text-transform",
        "list-style", "list-style-type", "border", "border-radius", "border-color", "border-style",
        "border-top", "border-bottom", "border-left", "border-right", "border-collapse", "box-sizing",
        "cursor", "float", "clear", "vertical-align", "hyphens", "word-break", "overflow-wrap",
        "word-wrap", "text-rendering",
    ]
)  # fmt: skip
_SHOWN = {
    "display": frozenset(
        [
            "block",
            "inline",
            "inline-block",
            "flex",
            "grid",
            "list-item",
            "flow-root",
            "table",
            "table-row",
            "table-cell",
        ]
    ),
    "visibility": frozenset({"visible"}),
    "overflow": frozenset({"visible", "auto", "scroll"}),
    "overflow-y": frozenset({"visible", "auto", "scroll"}),
    "position": frozenset({"static"}),
    "opacity": frozenset({"1", "100%"}),
    "text-decoration": frozenset({"none", "underline"}),
    "letter-spacing": frozenset({"normal", "0"}),
    "word-spacing": frozenset({"normal", "0"}),
    "white-space": frozenset({"normal", "pre-wrap", "pre-line"}),
}
_ROOM: dict[str, dict[str, tuple[float, float]]] = {  # by property: the numbers that keep a text readable
    "font-size": {"px": (9, 100), "pt": (7, 80), "em": (0.6, 6), "rem": (0.6, 6), "%": (60, 600)},
    "line-height": {"px": (12, 200), "em": (0.9, 4), "rem": (0.9, 4), "%": (90, 400), "": (0.9, 4)},
    "width": {"px": (200, 3000), "em": (12, 200), "rem": (12, 200), "%": (20, 100)},
    "height": {"px": (40, 20000), "em": (3, 1000), "rem": (3, 1000), "%": (20, 100)},
    "max-width": {"px": (200, 5000), "em": (12, 300), "rem": (12, 300), "%": (20, 100)},
    "min-height": {"px": (0, 20000), "em": (0, 1000), "rem": (0, 1000), "%": (0, 100), "": (0, 0)},
    "margin": {"px": (0, 200), "pt": (0, 150), "em": (0, 12), "rem": (0, 12), "%": (0, 20), "": (0, 0)},
    "padding": {"px": (0, 200), "pt": (0, 150), "em": (0, 12), "rem": (0, 12), "%": (0, 20), "": (0, 0)},
}
_SIDES = re.compile(r"^(margin|padding)-(?:top|right|bottom|left)$")


def _may_hide(style: str) -> bool:
    """Whether declarations can keep a text from being read: all that are not known to leave it as it is."""
    style = _CSS_COMMENT.sub("", style).lower()
    if "\\" in style:  # signs written by their numbers
        return True
    parts = [*_BETWEEN.split(style), ""]
    declared = (part.partition(":") for part, end in zip(parts[::2], parts[1::2], strict=True) if end != "{")
    return any(not _leaves(name.strip(), value.strip()) for name, colon, value in declared if colon)


def _leaves(name: str, value: str) -> bool:
    """Whether a declaration leaves a text to be read."""
    value = value.replace("!important", "").strip()
    if name in _WORDS or not value:
        return True
    if len(value) > _VALUE_AT_MOST:
        return False
    if name in _SHOWN:
        return value in _SHOWN[name]
    room = _ROOM.get(_SIDES.sub(r"\1", name))
    if room is None:
        return False
    left = _NUMBER.sub("", value).replace("auto", "")
    return not left.strip() and all(
        (limits := room.get(unit or "")) is not None and limits[0] <= float(number) <= limits[1]
        for number, unit in _NUMBER.findall(value)
    )


_COLOURS = frozenset({"color", "bgcolor", "text"})  # attributes
_FRAMES = frozenset({"iframe", "frame", "portal"})
_DOCUMENTS = frozenset({"object", "embed"})
_PICTURES = frozenset({"img", "svg", "picture", "video", "canvas", "object", "embed", "button"})
_FOOTNOTE = re.compile(r"\s*[\[(]?(?:\d{1,3}|[a-z]|[*\u2020\u2021\xa7]{1,3})[\])]?\s*", re.IGNORECASE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def _hidden(node: LexborNode) -> bool:
    tag = node.tag
    if tag in _UNSEEN:
        return True
    attributes = node.attributes
    if "hidden" in attributes or "popover" in attributes or (tag == "dialog" and "open" not in attributes):
        return True
    if tag == "sup" and _FOOTNOTE.fullmatch(node.text()[:20]):
        return True
    style = attributes.get("style")
    return bool(style and _HIDING.search(_CSS_COMMENT.sub("", style[:5000])))


class _Reading:
    """The walk over a page's tree, without recursion: pages can be nested to any depth."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.closed: list[str] = []
        self.size = 0
        self.links: list[tuple[str, str, bool]] = []
        self.anchors: list[tuple[str, int, int]] = []
        self.pictures: list[str] = []  # the words that stand for each
        self.base = ""
        self.doubts: set[str] = set()

    def enter(self, node: LexborNode) -> bool:
        """Take a node in. Whether its children are read, too."""
        if node.is_text_node:
            text = node.text_content or ""
            self.parts.append(text)
            self.size += len(text)
            return False
        tag = node.tag
        if not node.is_element_node:
            return False
        self._doubt(node)
        if tag in _BLOCKS:
            self.parts.append("\n")
        elif tag == "a":
            self.anchors.append((node.attributes.get("href") or "", len(self.parts), len(self.pictures)))
        if tag in _PICTURES:
            self.pictures.append(_stands_for(node))
            self.closed.append(f"\n{self.pictures[-1]}\n")
        if tag == "bdo":
            self.parts.append(_REVERSED if (node.attributes.get("dir") or "").lower() == "rtl" else "")
        if not _hidden(node):
            return True
        if (
            tag in _SEEN_OTHERWISE
            or (tag == "dialog" and "hidden" not in node.attributes)
            or "popover" in node.attributes
        ):
            self.closed.append(f"\n{node.text(separator=' ')[:CHARACTERS_AT_MOST]}\n")
        return False

    def _doubt(self, node: LexborNode) -> None:
        """What of this element may show readers more or less than is read here."""
        tag, attributes = node.tag, node.attributes
        if tag in _FRAMES:
            self.doubts.add("frame")
        elif tag in _DOCUMENTS:
            self.doubts.add("document")
        elif tag == "input" and (attributes.get("type") or "").lower() == "password":
            self.doubts.add("sign in")
        style = attributes.get("style")
        if (style and (len(style) > _STYLE_AT_MOST or _may_hide(style))) or _COLOURS & attributes.keys():
            self.doubts.add("style")
        if tag == "template" and "shadowrootmode" in attributes:
            self.doubts.add("parts")

    def leave(self, node: LexborNode) -> None:
        """After the children of a node."""
        if node.tag in _BLOCKS:
            self.parts.append("\n")
        elif node.tag == "a" and self.anchors:
            href, start, pictures = self.anchors.pop()
            words = " ".join("".join(self.parts[start : start + 50]).split())
            title = node.attributes.get("title") or node.attributes.get("aria-label") or ""
            shown = self.pictures[pictures:]
            is_read = _A_WORD.search(words) or (shown and _A_WORD.search(" ".join([*shown, title])))
            is_seen = shown or _A_SIGN.search(words)
            if href and (is_read or is_seen) and not _hidden(node) and len(self.links) < LINKS_AT_MOST:
                said = " ".join(filter(None, (words, *shown, title)))
                self.links.append((href, said[:_WORDS_OF_A_LINK], not is_read))
        elif node.tag == "bdo":
            self.parts.append(_AS_BEFORE)


def _stands_for(picture: LexborNode) -> str:
    """The words that readers are given for a picture; none: nobody can know what it says."""
    if picture.tag == "svg":
        return picture.text(separator=" ")[:_WORDS_OF_A_PICTURE]
    given = picture.attributes
    return (given.get("alt") or given.get("aria-label") or given.get("title") or "")[:_WORDS_OF_A_PICTURE]


def read(html: str) -> dict[str, object]:
    """What a page shows, and what makes the reading doubtful.

    Its text; `closed`, what stands in pictures, fields and parts that open; links (address as written, words,
    whether all that is seen of it is a picture without words); and the base of its addresses.
    """
    tree = LexborHTMLParser(html)
    reading = _Reading()
    base = tree.css_first("base[href]")
    if base is not None:
        reading.base = base.attributes.get("href") or ""
    reading.doubts |= _of_whole(tree)
    top = tree.root
    node = top
    while node is not None and reading.size <= CHARACTERS_AT_MOST:
        child = node.first_child if reading.enter(node) else None
        if child is not None:
            node = child
            continue
        while node is not None:
            if node.is_element_node:
                reading.leave(node)
            if node.mem_id == (top.mem_id if top is not None else 0):
                node = None
            elif node.next is not None:
                node = node.next
                break
            else:
                node = node.parent
    return {
        "text": tidy("".join(reading.parts)),
        "closed": tidy("".join(reading.closed)),
        "links": reading.links,
        "base": reading.base,
        "doubts": sorted(reading.doubts),
    }


def _of_whole(tree: LexborHTMLParser) -> set[str]:
    """What the page's head says of it: scripts, style, a way onward."""
    doubts = set()
    if any(_runs(node) for node in tree.css("script")):
        doubts.add("scripts")
    if tree.css_first("frameset") is not None:
        doubts.add("frame")
    for node in tree.css("style"):
        text = node.text()
        if len(text) > _STYLE_AT_MOST or _may_hide(text):
            doubts.add("style")
        if "@" in text:  # what it takes from elsewhere, or keeps for some readers
            doubts.add("style sheet")
    for node in tree.css("link[rel]"):
        rel = (node.attributes.get("rel") or "").lower().split()
        if "stylesheet" in rel and "alternate" not in rel:
            doubts.add("style sheet")
    for node in tree.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").strip().lower() == "refresh" and "url" in (
            node.attributes.get("content") or ""
        ).lower():
            doubts.add("refresh")
    return doubts


def _runs(script: LexborNode) -> bool:
    """Whether an element of this name is a script at all: some only hold data."""
    kind = (script.attributes.get("type") or "").partition(";")[0].strip().lower()
    return kind in {"", "module", "importmap", "speculationrules"} or "script" in kind


def tidy(text: str) -> str:
    """Without control characters (a database refuses NUL) and needless white space; lines are kept."""
    text = re.sub(
        r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", " ", text[:CHARACTERS_AT_MOST].replace("\r", "\n")
    )
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


FRAME = 8  # bytes before a page and before an answer that say its length


def framed(said: bytes) -> bytes:
    """With its length before it."""
    return len(said).to_bytes(FRAME, "big") + said


def _in_a_child(html: bytes, seconds: int, memory: int) -> bytes:
    """The page read by a process of its own; nothing when that was stopped by its bounds."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(0)
        os.close(1)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            with open(sink, "wb") as answer:  # noqa: PTH123 - a descriptor
                answer.write(json.dumps(read(html.decode("utf-8", "replace"))).encode())
            os._exit(0)
        finally:  # whatever it was: the parent's loop is not this process's
            os._exit(1)
    os.close(sink)
    with open(source, "rb") as answer:  # noqa: PTH123
        said = answer.read()
    _, ended = os.waitpid(child, 0)
    return said if ended == 0 else b""


def _serve(seconds: int, memory: int) -> None:
    """Read page after page, until there are no more."""
    while len(size := sys.stdin.buffer.read(FRAME)) == FRAME:
        html = sys.stdin.buffer.read(int.from_bytes(size, "big"))
        sys.stdout.buffer.write(framed(_in_a_child(html, seconds, memory)))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
