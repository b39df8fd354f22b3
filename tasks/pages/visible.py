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
_WORDS_OF_A_LINK = 200
_STYLE_AT_MOST = 200_000
_UNSEEN = frozenset(
    [
        "head",
        "script",
        "style",
        "template",
        "noscript",
        "textarea",
        "select",
        "option",
        "datalist",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "canvas",
        "audio",
        "video",
        "s",
        "strike",
        "del",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
_HIDING = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0+(?:\.0+)?%?\s*(?:!|;|$)"
    r"|font-size\s*:\s*0+(?:\.0+)?(?:[a-z%]*)\s*(?:!|;|$)|text-decoration(?:-line)?\s*:[^;]*line-through"
    r"|content-visibility\s*:\s*hidden)",
    re.IGNORECASE,
)
#: Declarations by which a style can keep a text from being seen.
_MAY_HIDE = re.compile(
    r"(?:^|[;{\s])(?:display\s*:\s*none|position\s*:\s*(?:absolute|fixed|sticky)|visibility\s*:|opacity\s*:|clip|text-indent\s*:\s*-"
    r"|font(?:-size)?\s*:[^;}]*?(?<![\d.])0*[0-5]?(?:\.\d+)?(?:px|pt|%|r?em)?(?![\w.%])|transform|scale|translate|zoom"
    r"|(?:left|right|top|bottom|inset|margin)[a-z-]*\s*:[^;}]*-\s*\d|(?:max-)?(?:height|width)\s*:\s*[01](?![\d.])"
    r"|color\s*:|-webkit-text-fill|mask|filter|z-index\s*:\s*-|content-visibility|content\s*:|line-through)",
    re.IGNORECASE,
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
    if "hidden" in attributes or (tag == "dialog" and "open" not in attributes):
        return True
    if tag == "sup" and _FOOTNOTE.fullmatch(node.text()[:20]):
        return True
    style = attributes.get("style")
    return bool(style and _HIDING.search(_CSS_COMMENT.sub("", style[:5000])))


class _Reading:
    """The walk over a page's tree, without recursion: pages can be nested to any depth."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.links: list[tuple[str, str]] = []
        self.anchors: list[tuple[str, int, int]] = []
        self.pictures = 0
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
            self.anchors.append((node.attributes.get("href") or "", len(self.parts), self.pictures))
        self.pictures += tag in _PICTURES
        return not _hidden(node)

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
        if (style and _MAY_HIDE.search(_CSS_COMMENT.sub("", style[:5000]))) or _COLOURS & attributes.keys():
            self.doubts.add("style")

    def leave(self, node: LexborNode) -> None:
        """After the children of a node."""
        if node.tag in _BLOCKS:
            self.parts.append("\n")
        elif node.tag == "a" and self.anchors:
            href, start, pictures = self.anchors.pop()
            words = " ".join("".join(self.parts[start : start + 50]).split())
            is_seen = bool(words) or self.pictures > pictures
            if href and is_seen and not _hidden(node) and len(self.links) < LINKS_AT_MOST:
                title = node.attributes.get("title") or node.attributes.get("aria-label") or ""
                self.links.append((href, f"{words} {title}".strip()[:_WORDS_OF_A_LINK]))


def read(html: str) -> dict[str, object]:
    """Text, links (address as written, words), base address, and what makes the reading doubtful."""
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
        "links": reading.links,
        "base": reading.base,
        "doubts": sorted(reading.doubts),
    }


def _of_whole(tree: LexborHTMLParser) -> set[str]:
    """What the page's head says of it: scripts, style, a way onward."""
    doubts = set()
    if tree.css_first("script") is not None:
        doubts.add("scripts")
    if tree.css_first("frameset") is not None:
        doubts.add("frame")
    for node in tree.css("style"):
        text = _CSS_COMMENT.sub("", node.text()[:_STYLE_AT_MOST])
        if _MAY_HIDE.search(text):
            doubts.add("style")
        if "@import" in text.lower():
            doubts.add("style sheet")
    for node in tree.css("link[rel]"):
        if "stylesheet" in (node.attributes.get("rel") or "").lower():
            doubts.add("style sheet")
    for node in tree.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").strip().lower() == "refresh" and "url" in (
            node.attributes.get("content") or ""
        ).lower():
            doubts.add("refresh")
    return doubts


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
