"""Neighbours of the pages in docs/verdicts.md, as they come: what can't be seen is doubted (8)."""

from dataclasses import dataclass, field

import httpx
import pytest

from schemas.words import PageVerdict
from tasks.pages import FetchedPage, PageUnreadable, Refusal, look_at, visible
from tasks.pages.fetch import page_of
from tests.support.page_site import CARRIED, LIMITS, NOTICE, NOW

ADDRESS = "https://school.example.org/"
EXACT, LINKED, MISSING, UNCLEAR, ALTERED = (
    PageVerdict.EXACT,
    PageVerdict.LINKED,
    PageVerdict.MISSING,
    PageVerdict.UNCLEAR,
    PageVerdict.ALTERED,
)
NEWS = "<p>News and dates for the families of the school, bus times and the lunch menu.</p>"
STYLED = f"<div style='{{}}'>{CARRIED}</div>"
SHEET = f"<style>{{}}</style><div class=x>{CARRIED}</div>"
BACKWARDS = "".join(f"<p><bdo dir=rtl>{s.text[::-1]}</bdo></p>" for s in NOTICE.statements)


@dataclass
class Pages:
    """A reader of pages that are given here, without a server or a process for each."""

    pages: dict[str, str] = field(default_factory=dict)

    async def read(self, address: str) -> FetchedPage:
        body = self.pages.get(httpx.URL(address).path)
        if body is None:
            raise PageUnreadable(Refusal.STATUS, "There is no page: the server answered 404.", status=404)
        return page_of(address, address, "0" * 64, visible.read(f"<!doctype html><body>{body}"))


async def verdict(page: str, notice: str = CARRIED) -> PageVerdict:
    look = await look_at(
        ADDRESS,
        notice=NOTICE,
        notice_address=None,
        limits=LIMITS,
        allow=frozenset(),
        now=NOW,
        reader=Pages({"/": page, "/notice": notice}),
    )
    assert look.detail
    return look.verdict


@pytest.mark.parametrize(
    "style",
    [
        "letter-spacing: -1em",
        "letter-spacing: -0.6ex",
        "letter-spacing: -60%",
        "word-spacing: -5em",
        "font-size: 0em",
        "font-size: 0%",
        "font-size: 8%",
        "font-size: .01rem",
        "font-size: 0.1vw",
        "font-size: calc(1em / 90)",
        "font: 0/0 a",
        "line-height: 0",
        "line-height: 0.1",
        "background: black",
        "background-image: linear-gradient(#000, #000)",
        "d\\69splay: none",
        "display: var(--x)",
        "width: 3px; overflow: hidden",
        "padding-left: 99999px",
        "margin: 0 0 0 9999em",
        "writing-mode: sideways-lr",
        "unicode-bidi: bidi-override; direction: rtl",
        "columns: 900",
        "all: var(--x)",
        "rotate: 90deg",
        "height: 4px; overflow: clip",
        "perspective: 1px",
        "-webkit-text-security: disc",
        "offset: path('M9999 0')",
        f"{' ' * 6_000}display: none",
    ],
)
@pytest.mark.parametrize("form", ["in its element", "in a sheet"])
async def test_a_style_that_may_keep_it_from_being_read_is_no_pass(style: str, form: str) -> None:
    page = STYLED.format(style) if form == "in its element" else SHEET.format(f".x {{{style}}}")
    said = await verdict(page.replace('"', "'") if form == "in a sheet" else page)
    assert said in {UNCLEAR, MISSING}


@pytest.mark.parametrize(
    "head",
    [
        "<style>@import url(/s.css);</style>",
        "<style>@import '/s.css' screen;</style>",
        "<link rel=stylesheet href=/s.css>",
        "<link rel='preload stylesheet' as=style href=/s.css>",
        "<script src=/app.js></script>",
        "<script type=module>go()</script>",
        "<style>@media screen { .x { color: inherit } }</style>",
        "<div><template shadowrootmode=open><p>x</template></div>",
    ],
)
async def test_what_was_not_read_of_a_page_may_hide_the_notice_or_a_link_to_it(head: str) -> None:
    assert await verdict(f"{head}<div class=x>{CARRIED}</div>") is UNCLEAR
    assert await verdict(f"{head}{NEWS}<a href=/notice>Disclaimer</a>") is UNCLEAR


@pytest.mark.parametrize(
    "harmless",
    [
        "<link rel='alternate stylesheet' href=/s.css title=big>",
        "<link rel=icon href=/i.png>",
        "<script type=application/ld+json>{}</script>",
        "<script type=text/template><p></script>",
        "<style>body { font-family: serif; line-height: 1.5; margin: 0 auto; max-width: 60em }</style>",
        "<style>h1 { font-size: 200%; padding: 1em 2em } a:hover { text-decoration: none }</style>",
    ],
)
async def test_what_leaves_a_text_as_it_is_raises_no_doubt(harmless: str) -> None:
    assert await verdict(f"{harmless}{CARRIED}") is EXACT
    assert await verdict(f"{harmless}{NEWS}<a href=/notice>Disclaimer</a>") is LINKED


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (f"<noframes>{CARRIED}</noframes>", MISSING),
        (f"<noembed>{CARRIED}</noembed>", MISSING),
        (f"<progress>{CARRIED}</progress>", MISSING),
        (f"<div popover>{CARRIED}</div>", UNCLEAR),
        (f"<dialog>{CARRIED}</dialog>", UNCLEAR),
        (f"<textarea readonly>{CARRIED}</textarea>", UNCLEAR),
        ("<img src=n.png alt='{}'>".format(" ".join(s.text for s in NOTICE.statements)), UNCLEAR),
        (CARRIED.replace("<p>", "<p><bdo dir=rtl>").replace("</p>", "</bdo></p>"), MISSING),
        (f"<p>\u202e{CARRIED.removeprefix('<p>')}", MISSING),
        (BACKWARDS, EXACT),
    ],
)
async def test_where_else_the_words_may_stand(page: str, says: PageVerdict) -> None:
    assert await verdict(NEWS + page) is says


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("<a href=/notice><img src=x.png alt='Our disclaimer'></a>", LINKED),
        ("<a href=/notice title='Disclaimer'><img src=x.png></a>", LINKED),
        ("<a href=/notice><svg><title>Disclaimer</title></svg></a>", LINKED),
        ("<a href=/notice><img src=x.png alt=''></a>", UNCLEAR),
        ("<a href=/notice><img src=x.png></a>", UNCLEAR),
        ("<a href=/notice>\u26a0\ufe0f</a>", UNCLEAR),
        ("<a href=/notice>.</a>", UNCLEAR),
        ("<a href=/notice><img src=x.png></a> <a href=/notice>Disclaimer</a>", LINKED),
        ("<a href=/notice>\u200b</a>", MISSING),
        ("<a href=/notice>\u00ad &nbsp;</a>", MISSING),
        ("<a href=/notice aria-label=disclaimer></a>", MISSING),
    ],
)
async def test_a_link_is_what_readers_can_read(link: str, says: PageVerdict) -> None:
    assert await verdict(NEWS + link) is says


@pytest.mark.parametrize(
    "words",
    [
        "Other schools show this notice, we do not:",
        "Other schools have to show the following.",
        "We do not agree with this:",
        "Other schools show this notice. We do not.",
        "Nobody here follows these rules:",
        "An example of a notice",
        "Old notice",
        "Template for schools",
        "The opposite of our rules:",
        "What others call a disclaimer:",
        "This was our notice until June:",
        "D\u2019autres écoles affichent cet avis, pas nous :",
        "Exemple d'avis",
        "We reject every word of the text below.",
    ],
)
async def test_words_before_it_that_may_take_it_back_are_for_a_reader(words: str) -> None:
    assert await verdict(f"<p>{words}</p>{CARRIED}") is UNCLEAR
    assert await verdict(f"{NEWS}<a href=/notice>Disclaimer</a>", f"<p>{words}</p>{CARRIED}") is UNCLEAR


@pytest.mark.parametrize(
    "words",
    [
        "None of this is meant for us.",
        "But not here.",
        "We do not do that.",
        "These rules are those of another school.",
        "Just joking, not ours.",
    ],
)
async def test_words_behind_it_too(words: str) -> None:
    assert await verdict(f"{CARRIED}<p>{words}</p>") in {UNCLEAR, ALTERED}


@pytest.mark.parametrize(
    "words",
    [
        "Welcome to our page",
        "We do not answer at night.",
        "This page is not looked at on weekends.",
        "Please read our notice:",
        "Questions? The office is not open on Fridays.",
        "No school on Monday",
        "Nous ne répondons pas la nuit.",
        "Only for families",
    ],
)
async def test_words_about_something_else_take_nothing_back(words: str) -> None:
    assert await verdict(f"<p>{words}</p>{CARRIED}<p>{words}</p>") is EXACT


FOOT = "<p>" + "About Help Jobs Privacy Terms Careers Ads Places Games Cookies " * 14 + "</p>"


@pytest.mark.parametrize(
    "words",
    [
        "Please enable JavaScript to continue using this application.",
        "JavaScript is not available.",
        "You need to enable JavaScript to run this app.",
        "This site requires JavaScript.",
        "Activez JavaScript",
        "Your browser is not supported.",
        "Please update your browser",
        "Loading\u2026",
        "This content isn\u2019t available right now",
        "This content is currently unavailable.",
        "This account has been suspended.",
        "Sorry, this page isn't available.",
        "Ce contenu n'est pas disponible pour le moment",
        "This channel was terminated.",
        "Access denied",
        "Too many requests",
        "503 Service Unavailable",
        "Not available in your country",
        "Just a moment...",
        "Our systems have detected unusual traffic",
        "You must be logged in to see this",
        "You are not logged in",
        "Private group \u00b7 Join",
        "Connectez-vous pour voir la suite",
        "This video is age-restricted",
        "Please complete the security check",
    ],
)
@pytest.mark.parametrize("foot", ["", FOOT], ids=["alone", "with a menu at its foot"])
async def test_a_wall_is_no_page_without_a_notice(words: str, foot: str) -> None:
    assert await verdict(f"<p>{words}</p>{foot}") is UNCLEAR


@pytest.mark.parametrize(
    "more",
    [
        "<button>Load more</button>",
        "<a href='?page=2'>Show more posts</a>",
        "<div role=button>See more \u2026</div>",
        "<p>We are a school in\u2026 more</p>",
        "<button>Afficher plus</button>",
        "<p>Our rules are... see more</p>",
        "<button>Voir plus de publications</button>",
    ],
)
async def test_of_a_page_that_has_more_nobody_knows_what_the_rest_says(more: str) -> None:
    assert await verdict(NEWS * 30 + more) is UNCLEAR


@pytest.mark.parametrize(
    "page",
    [
        NEWS,
        NEWS * 30,
        "<p>Load more books into the bus, please.</p>",
        "<p>We teach JavaScript in grade 9.</p>",
        "<p>See more of us on Friday at the fair.</p>",
    ],
)
async def test_a_page_about_other_things_stays_one(page: str) -> None:
    assert await verdict(page) is MISSING
