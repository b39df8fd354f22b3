"""Forty pages and more, each with what readers see of the notice there, and what Steward says of it.

`plain` is the verdict of the page as it comes, `browser` with a browser for what leaves a doubt. Both are tried
on real servers by test_verdicts.py. `python -m tests.pages.verdict_pages` writes the table of docs/verdicts.md.
"""

from dataclasses import dataclass, field

from schemas.settings import ROOT
from schemas.words import PageVerdict
from tests.support.page_site import CARRIED, NOTICE, answer, redirect

EXACT, LINKED, ALTERED, MISSING = (
    PageVerdict.EXACT,
    PageVerdict.LINKED,
    PageVerdict.ALTERED,
    PageVerdict.MISSING,
)
UNCLEAR, UNREACHABLE = PageVerdict.UNCLEAR, PageVerdict.UNREACHABLE
CASES = ROOT / "tests" / "pages" / "cases"
TABLE, BEGIN, END = ROOT / "docs" / "verdicts.md", "<!-- the table: begin -->", "<!-- the table: end -->"

NEWS = "<p>News and dates for the families of the school, bus times and the lunch menu.</p>"
MENU = "".join(f"<a href='/menu/{n}'>Entry {n} more</a> " for n in range(15))  # of 45 words
HTML = "<!doctype html><html lang=en><body>"


SHEET = answer(".soft { display: none }", kind="text/css")


@dataclass(frozen=True)
class Shown:
    """One page. `paths`: what its server answers besides."""

    group: str
    name: str
    page: str | bytes
    plain: PageVerdict
    browser: PageVerdict
    paths: dict[str, bytes] = field(default_factory=dict)

    @property
    def answers(self) -> dict[str, bytes]:
        """By path; the page itself is at `/`."""
        page = answer(HTML + self.page) if isinstance(self.page, str) else self.page
        return {"/": page, "/notice": answer(HTML + CARRIED), **self.paths}


def _altered(old: str, new: str) -> str:
    assert old in CARRIED
    return CARRIED.replace(old, new, 1)


def _hidden(name: str, page: str, plain: PageVerdict = UNCLEAR) -> Shown:
    paths = {"/s.css": SHEET}
    return Shown("hidden", name, NEWS + page.replace("NOTICE", CARRIED), plain, MISSING, paths)


def _input(name: str) -> str:
    return (CASES / name).read_text(encoding="utf-8")


SCRIPTED = f"<div id=root></div><script>document.getElementById('root').innerHTML = {CARRIED!r}</script>"

PAGES = (
    # --- the notice is there
    Shown("true", "the notice alone", CARRIED, EXACT, EXACT),
    Shown("true", "between other texts", f"{NEWS}{CARRIED}{NEWS}", EXACT, EXACT),
    Shown("true", "in capitals, as a list", f"<ul><li>{CARRIED.upper()}</ul>", EXACT, EXACT),
    Shown(
        "true", "with the mark of a footnote", _altered("own risk,", "own risk,<sup>1</sup>"), EXACT, EXACT
    ),
    Shown("true", "light on dark", f"<div style='background:#222;color:#eee'>{CARRIED}</div>", UNCLEAR, EXACT),
    Shown("true", "in a part that scrolls", f"<div style='height:90px;overflow:auto'>{CARRIED}</div>", EXACT, EXACT),
    Shown("true", "far down on the page", f"<div style='height:9000px'></div>{CARRIED}", EXACT, EXACT),
    Shown("true", "under a disclosure triangle", f"<details><summary>Notice</summary>{CARRIED}</details>", EXACT, EXACT),
    Shown("true", "beside a banner about cookies", f"{CARRIED}<div style='position:fixed;bottom:0'>We use cookies. Accept all</div>", UNCLEAR, EXACT),
    Shown(
        "true", "a style sheet that hides something else", f"<link rel=stylesheet href=/s.css><p class=soft>x</p>{CARRIED}",
        UNCLEAR, EXACT, {"/s.css": SHEET},
    ),
    Shown("true", "behind a link", f"{NEWS}<a href=/notice>Disclaimer</a>", LINKED, LINKED),
    Shown("true", "behind a picture with words", f"{NEWS}<a href=/notice><img src=/x.png alt='Our disclaimer'></a>", LINKED, LINKED),
    Shown("true", "a style that leaves it as it is", f"<style>body {{ font-family: serif; line-height: 1.5 }}</style>{CARRIED}", EXACT, EXACT),
    Shown("true", "behind a redirect", redirect("/notice"), EXACT, EXACT),
    Shown("true", "written by a script", SCRIPTED, UNCLEAR, EXACT),
    Shown("true", "a link in a menu that a script writes",
          f"<nav id=menu></nav>{NEWS}<script>document.getElementById('menu').innerHTML = "
          "'<a href=/notice>Guidelines</a>'</script>", UNCLEAR, LINKED),
    Shown("true", "in a frame of the same site", f"{NEWS}<iframe src=/notice width=900 height=900></iframe>", UNCLEAR, EXACT),
    Shown("true", "in a small frame", _input("frame.html"), UNCLEAR, EXACT, {"/notice.html": answer(CARRIED)}),
    Shown("true", "a shell with a menu of 45 words", f"<nav>{MENU}</nav><div id=root></div><script src=/app.js></script>",
          UNCLEAR, EXACT, {"/app.js": answer(f"document.getElementById('root').innerHTML = {CARRIED!r}", kind="text/javascript")}),
    Shown("true", "where the page leads on by itself", "<meta http-equiv=refresh content='0;url=/notice'>", UNCLEAR, EXACT),
    # --- it is there with other words
    Shown("altered", "a word left out", _altered("not be allowed", "be allowed"), ALTERED, ALTERED),
    Shown("altered", "a word put in", _altered("allowed.", "allowed on weekends."), ALTERED, ALTERED),
    Shown("altered", "does not apply to this account",
          f"<p>The following notice does not apply to this account:</p>{CARRIED}", ALTERED, ALTERED),
    Shown("altered", "the same words, put there by a style",
          "<style>.n::before { content: 'The following notice does not apply to this account:'; display: block;"
          f" visibility: visible }}</style><div class=n></div>{CARRIED}", UNCLEAR, ALTERED),
    Shown("altered", "a word that is struck out", _altered("not be allowed", "<s>not</s> be allowed"), ALTERED, ALTERED),
    Shown("altered", "other words behind the link", f"{NEWS}<a href=/other>Disclaimer</a>", ALTERED, ALTERED,
          {"/other": answer(_altered("not be allowed", "be allowed"))}),
    # --- it is not there
    Shown("missing", "a page about other things", NEWS, MISSING, MISSING),
    Shown("missing", "an empty link titled disclaimer", f"{NEWS}<a href=/notice title=disclaimer></a>", MISSING, MISSING),
    Shown("missing", "made-up rules of another board (1)", f"<p>{_input('madeup_list_of_rules.txt')}", MISSING, MISSING),
    Shown("missing", "made-up rules of another board (2)", f"<p>{_input('madeup_reserves.txt')}", MISSING, MISSING),
    Shown("missing", "made-up rules of another board (3)", f"<p>{_input('madeup_short_own_risk.txt')}", MISSING, MISSING),
    Shown("missing", "a frame whose page is gone", _input("frame.html"), UNCLEAR, MISSING),
    Shown("missing", "a script that adds nothing", f"{NEWS}<script>document.title = 'x'</script>", UNCLEAR, MISSING),
    # --- it is in the page, and nobody sees it
    _hidden("a class with display: none", "<style>.x { display: none }</style><div class=x>NOTICE</div>"),
    _hidden("a style sheet of its own", "<link rel=stylesheet href=/s.css><div class=soft>NOTICE</div>"),
    _hidden("a style sheet that a style takes in", "<style>@import url(/s.css);</style><div class=soft>NOTICE</div>"),
    _hidden("crushed letters", "<div style='letter-spacing: -0.45em'>NOTICE</div>"),
    _hidden("lines on one another", "<div style='line-height: 0.1'>NOTICE</div>"),
    _hidden("turned round by a mark", "<div style='direction: rtl; unicode-bidi: bidi-override'>NOTICE</div>".replace(
        "NOTICE", "".join(f"<span>{one.text}</span> " for one in NOTICE.statements))),
    _hidden("in a part that nothing opens", "<div popover>NOTICE</div>"),
    _hidden("off the screen", "<div style='position: absolute; left: -9999px'>NOTICE</div>"),
    _hidden("transparent", "<div style='color: transparent'>NOTICE</div>"),
    _hidden("white on white", "<div style='color: #fefefe'>NOTICE</div>"),
    _hidden("tiny", "<div style='font-size: 1px'>NOTICE</div>"),
    _hidden("clipped", "<div style='position: absolute; clip: rect(0, 0, 0, 0)'>NOTICE</div>"),
    _hidden("clipped by a path", "<div style='clip-path: inset(50%)'>NOTICE</div>"),
    _hidden("scaled to nothing", "<div style='transform: scale(0)'>NOTICE</div>"),
    _hidden("a negative indent", "<div style='text-indent: -9999px; white-space: nowrap'>NOTICE</div>"),
    _hidden("no opacity", "<style>.x { opacity: 0 }</style><div class=x>NOTICE</div>"),
    _hidden("no height", "<div style='height: 0; overflow: hidden'>NOTICE</div>"),
    _hidden("behind something", "<div style='position: relative'>NOTICE<div style='position: absolute; inset: 0;"
            " background: #fff; z-index: 1'></div></div>"),
    _hidden("taken away by a script", "<div id=x>NOTICE</div><script>document.getElementById('x').remove()</script>"),
    # --- it can't be said
    Shown("unseeable", "other schools show it, and we do not",
          f"<p>Other schools show this notice, we do not:</p>{CARRIED}", UNCLEAR, UNCLEAR),
    Shown("unseeable", "behind a picture without words", f"{NEWS}<a href=/notice><img src=/x.png width=90 height=30></a>", UNCLEAR, UNCLEAR),
    Shown("unseeable", "a page that asks for scripts", "<p>Please enable JavaScript to see this page.</p>", UNCLEAR, UNCLEAR),
    Shown("unseeable", "a page that has more", f"{NEWS * 20}<button>Load more</button>", UNCLEAR, UNCLEAR),
    Shown("unseeable", "words of a picture", "<img src=/x.png width=90 height=30 alt='{}'>".format(" ".join(one.text for one in NOTICE.statements)),
          UNCLEAR, UNCLEAR),
    Shown("unseeable", "a shell of a platform", _input("shell_with_menu.html"), UNCLEAR, UNCLEAR),
    Shown("unseeable", "a page that says it is not there", _input("soft_404.html"), UNCLEAR, UNCLEAR),
    Shown("unseeable", "a frame of another site", f"{NEWS}<iframe src=https://feed.example.org/ width=500 height=500></iframe>", UNCLEAR, UNCLEAR),
    Shown("unseeable", "a document within the page", f"{NEWS}<object data=/n.pdf type=application/pdf width=500 height=500></object>",
          UNCLEAR, UNCLEAR, {"/n.pdf": answer(b"%PDF-1.4", kind="application/pdf")}),
    Shown("unseeable", "a link to a document", f"{NEWS}<a href=/n.pdf>Disclaimer</a>", UNCLEAR, UNCLEAR,
          {"/n.pdf": answer(b"%PDF-1.4", kind="application/pdf")}),
    Shown("unseeable", "a page that asks to sign in", "<p>Please log in to continue. <input name=who>", UNCLEAR, UNCLEAR),
    Shown("unseeable", "a page that asks for consent", "<p>Before you continue: we use cookies.</p><button>Accept all</button>", UNCLEAR, UNCLEAR),
    Shown("unseeable", "consent in front of the page",
          f"{NEWS * 20}<div style='position:fixed;inset:0;background:#fff;z-index:9'>Before you continue: accept all cookies</div><script src=/c.js></script>",
          UNCLEAR, UNCLEAR),
    Shown("unseeable", "behind the ninth link", NEWS + "".join(f"<a href=/notice{n}>Notice {n}</a>" for n in range(1, 10)), UNCLEAR, UNCLEAR,
          {**{f"/notice{n}": answer(NEWS) for n in range(1, 9)}, "/notice9": answer(CARRIED)}),
    Shown("unseeable", "in a part that a button opens",
          f"{NEWS}<button aria-expanded=false aria-controls=more>More</button><div id=more style='display:none'>{CARRIED}</div><script src=/c.js></script>",
          UNCLEAR, UNCLEAR),
    Shown("unseeable", "a server that answers 403", answer("no", status="403 Forbidden"), UNREACHABLE, UNREACHABLE),
)  # fmt: skip


def table() -> str:
    """The rows of docs/verdicts.md, and how many of each group each way gets right."""
    lines = ["| what readers have | the page | as it comes | with a browser |", "|---|---|---|---|"]
    lines += [f"| {one.group} | {one.name} | {one.plain} | {one.browser} |" for one in PAGES]
    lines += [
        "",
        "| what readers have | pages | settled as it comes | settled with a browser | wrong, either way |",
    ]
    lines += ["|---|---|---|---|---|"]
    for group in dict.fromkeys(one.group for one in PAGES):
        pages = [one for one in PAGES if one.group == group]
        plain, browser = ([getattr(one, way) for one in pages] for way in ("plain", "browser"))
        lines.append(
            f"| {group} | {len(pages)} | {sum(one is not UNCLEAR for one in plain)} "
            f"| {sum(one is not UNCLEAR for one in browser)} "
            f"| {sum(wrong(group, one) for one in plain)}, {sum(wrong(group, one) for one in browser)} |"
        )
    return "\n".join(lines)


def wrong(group: str, verdict: PageVerdict) -> bool:
    """Whether a verdict says what is not so. Unclear and unreachable never do."""
    says = {
        "true": {ALTERED, MISSING},
        "altered": {EXACT, LINKED, MISSING},
        "missing": {EXACT, LINKED, ALTERED},
        "hidden": {EXACT, LINKED, ALTERED},
        "unseeable": {EXACT, LINKED, ALTERED, MISSING},
    }
    return verdict in says[group]


def written(text: str) -> str:
    """The page of docs/ with the table as it is now."""
    return f"{text.partition(BEGIN)[0]}{BEGIN}\n\n{table()}\n\n{END}{text.partition(END)[2]}"


if __name__ == "__main__":
    TABLE.write_text(written(TABLE.read_text(encoding="utf-8")), encoding="utf-8")
