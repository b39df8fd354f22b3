"""A real browser is given what we fetch and nothing else, and nothing of it is left (8)."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from policy.model import Policy
from schemas.settings import Settings
from tasks.pages import PageLimits, PageUnreadable, Refusal
from tasks.pages.browser import Browsers
from tasks.pages.lifecycle import open_browser
from tasks.pages.port import Doubt
from tests.support.children import children, started_since
from tests.support.page_site import CARRIED, LIMITS, Site, answer, redirect, serving

PATIENT = PageLimits(seconds=60, browser_seconds=120)


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In a folder of its own: other tests have browsers, too."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = children()
    yield
    assert not started_since(before)
    assert not [*tmp_path.glob("steward-browser-*/Default/Preferences")]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as one:
        yield one


@pytest.fixture
async def browser(chromium: Path, site: Site) -> AsyncIterator[Browsers]:
    async with Browsers(chromium, PATIENT, site.allow) as one:
        yield one


def paths(site: Site) -> set[str]:
    return {head.split()[1] for head in site.asked}


async def test_all_that_a_page_asks_for_is_fetched_by_us_or_not_at_all(site: Site, browser: Browsers) -> None:
    async with serving() as other:  # on this machine, and not one of those that may be asked
        private = other.at("/x").replace("http:", "")
        site.pages["/"] = answer(
            f"""<!doctype html><link rel=stylesheet href=/s.css><link rel=icon href=/icon.png>
            <link rel=preconnect href={private}><link rel=stylesheet href={private}>
            <p>Our school</p><img src=/picture.png><video src=/film.mp4></video>
            <iframe src={private}></iframe>
            <script src={private}></script><script src=/app.js></script>"""
        )
        site.pages["/s.css"] = answer("p { color: black }", kind="text/css")
        site.pages["/more"] = answer("<p>told</p>", "Set-Cookie: a=b")
        site.pages["/app.js"] = answer(
            f"""
            navigator.serviceWorker?.register('/worker.js');
            new WebSocket('ws:{private}'); new WebSocket('ws://' + location.host + '/socket');
            new EventSource('http:{private}');
            navigator.sendBeacon('/beacon', 'x'); fetch('http:{private}').catch(() => 0);
            fetch('/post', {{method: 'POST', body: 'x'}}).catch(() => 0);
            document.cookie = 'c=d'; open('/popup'); alert('wait');
            fetch('/more').then((got) => got.text()).then((text) => document.body.append(text));
            """,
            kind="text/javascript",
        )
        page = await browser.read(site.at("/"))
    assert "told" in page.text
    assert page.doubts == {Doubt.REFUSED, Doubt.FRAME}, "it wanted to send something, and a frame of others"
    assert other.asked == []
    assert {"/", "/s.css", "/app.js", "/more"} <= paths(site) <= {"/", "/s.css", "/app.js", "/more", "/popup"}
    assert all(head.startswith("GET ") for head in site.asked)
    assert not any("cookie" in head.lower() for head in site.asked)
    assert all("user-agent: steward" in head.lower() for head in site.asked)


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (answer("gone", kind="application/zip"), Refusal.NOT_A_PAGE),
        (redirect("http://10.0.0.1/"), Refusal.NOT_PUBLIC),
        (answer("<script>location = 'http://169.254.169.254/latest'</script>"), Refusal.NOT_PUBLIC),
        (redirect("file:///etc/passwd"), Refusal.ADDRESS),
        (answer("x" * 2_000_001), Refusal.TOO_LARGE),
        (answer("<p>x" * 20_000), Refusal.TOO_LARGE),
    ],
)
async def test_what_is_no_page_for_us_is_none_for_the_browser(
    site: Site, browser: Browsers, page: bytes, code: Refusal
) -> None:
    site.pages["/"] = page
    with pytest.raises(PageUnreadable) as caught:
        await browser.read(site.at("/"))
    assert caught.value.code is code


async def test_a_redirect_is_followed_to_where_the_page_is(site: Site, browser: Browsers) -> None:
    site.pages["/a"] = redirect("/b/</script>?c=%22")
    site.pages["/b/%3C/script%3E?c=%22"] = answer("<p>Our school <a href=news>news</a>")
    page = await browser.read(site.at("/a"))
    assert page.final_address == site.at("/b/%3C/script%3E?c=%22")
    assert [link.address for link in page.links] == [site.at("/b/%3C/news")]


async def test_a_page_that_never_rests_is_given_up_and_its_browser_ended(site: Site, chromium: Path) -> None:
    site.pages["/"] = answer(f"{CARRIED}<script>for (;;);</script>")
    site.pages["/fine"] = answer(CARRIED)
    async with Browsers(chromium, PageLimits(browser_seconds=8), site.allow) as browser:
        with pytest.raises(PageUnreadable) as caught:
            await browser.read(site.at("/"))
        assert caught.value.code in {Refusal.TOO_SLOW, Refusal.NO_BROWSER}
    async with Browsers(chromium, PATIENT, site.allow) as browser:
        assert "Northern" in (await browser.read(site.at("/fine"))).text


async def test_whoever_stops_waiting_leaves_no_browser(site: Site, chromium: Path) -> None:
    asked = asyncio.Event()

    async def never(_: asyncio.StreamWriter) -> None:
        asked.set()
        await asyncio.Event().wait()

    site.pages["/"] = never
    before = children()
    async with Browsers(chromium, PATIENT, site.allow) as browser:
        waiting = asyncio.create_task(browser.read(site.at("/")))
        await asked.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not [one for one in started_since(before) if "chromium" in one.name()]


async def test_the_pages_own_scripts_do_not_change_what_is_read(site: Site, browser: Browsers) -> None:
    lie = "getComputedStyle = () => ({}); Element.prototype.getBoundingClientRect = () => ({width: 9})"
    site.pages["/"] = answer(f"<script>{lie}</script><p>Hi</p><div style='opacity:0'>{CARRIED}</div>")
    page = await browser.read(site.at("/"))
    assert (page.text, page.hidden.split()[0]) == ("Hi", "Northern")


async def test_a_frame_that_nobody_sees_is_not_read(site: Site, browser: Browsers) -> None:
    site.pages["/n"] = answer(CARRIED)
    site.pages["/"] = answer(
        "<p>Hi</p><iframe src=/n style='opacity:0'></iframe><iframe src=/n width=1 height=1></iframe>"
        "<div style='display:none'><iframe src=/n></iframe></div>"
    )
    page = await browser.read(site.at("/"))
    assert page.text == "Hi"


async def test_no_browser_looks_unless_one_is_asked_for_and_is_there(policy: Policy, chromium: Path) -> None:
    async with open_browser(policy, Settings()) as none:
        assert none is None
    missing = Settings(page_browser=True, page_browser_program=Path("/nowhere/chromium"))
    async with open_browser(policy, missing) as none:
        assert none is None
    async with open_browser(policy, Settings(page_browser=True, page_browser_program=chromium)) as one:
        assert isinstance(one, Browsers)


@pytest.mark.usefixtures("chromium")
async def test_a_browser_that_does_not_start_leaves_the_plain_reading(site: Site, tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    async with Browsers(broken, LIMITS, site.allow) as browser:
        with pytest.raises(PageUnreadable) as caught:
            await browser.read(site.at("/"))
    assert caught.value.code is Refusal.NO_BROWSER
