"""What Steward says of forty pages and more, as they come and with a real browser (8; docs/verdicts.md)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tasks.pages import look_at
from tasks.pages.browser import Browsers
from tests.pages.verdict_pages import PAGES, TABLE, Shown, written
from tests.support.page_site import LIMITS, NOTICE, NOW, Site, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.group}: {page.name}")
#: Where a browser comes to the verdict of the plain reading, it is more of the same.
IN_A_BROWSER = pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page,
            id=f"{page.group}: {page.name}",
            marks=[pytest.mark.one_of_three] if page.plain == page.browser else [],
        )
        for page in PAGES
    ],
)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site() -> AsyncIterator[Site]:
    async with serving() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser(chromium: Path, site: Site) -> AsyncIterator[Browsers]:
    async with Browsers(chromium, LIMITS, site.allow) as one:
        yield one


async def verdict(site: Site, page: Shown, browser: Browsers | None) -> str:
    site.pages = dict(page.answers)
    look = await look_at(
        site.at("/"),
        notice=NOTICE,
        notice_address=None,
        limits=LIMITS,
        allow=site.allow,
        now=NOW,
        browser=browser,
    )
    assert look.detail
    return str(look.verdict)


@EACH
async def test_as_it_comes(site: Site, page: Shown) -> None:
    assert await verdict(site, page, None) == page.plain


@IN_A_BROWSER
async def test_with_a_browser(site: Site, browser: Browsers, page: Shown) -> None:
    assert await verdict(site, page, browser) == page.browser


async def test_the_table_in_the_docs_is_of_these_pages() -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert written(text) == text, "run  python -m tests.pages.verdict_pages"
