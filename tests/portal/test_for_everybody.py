"""Every page in a real browser: read by axe, by keyboard, in large letters, on paper, at every width."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from policy.model import Policy
from portal.pages import HERE
from tasks.store import Store
from tests.portal.chromium import becomes, browsing, sends, serving
from tests.portal.eyes import WIDTHS, Eyes, bring_axe
from tests.portal.walk import filled_for_eyes, patterns, route_of, visits
from tests.support.world import World

#: Where pictures are put to be looked at; nowhere unless it is asked for.
PICTURES = os.environ.get("STEWARD_TEST_PICTURES")


async def test_every_page_is_for_everybody(
    sqlite_store: Store,
    policy: Policy,
    now: datetime,
    chromium: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pytestconfig: pytest.Config,
) -> None:
    in_dark = WIDTHS if pytestconfig.getoption("release") else WIDTHS[1:2]  # colours are the same at each
    world = World(sqlite_store, policy, now)
    await filled_for_eyes(world)
    shown: set[str] = set()
    whole = Environment.get_template

    def noting(self: Environment, name: Any, *more: Any, **words: Any) -> Any:
        shown.add(str(name))
        return whole(self, name, *more, **words)

    monkeypatch.setattr(Environment, "get_template", noting)
    wrong: list[tuple[str, str]] = []
    walked: set[str] = set()
    async with (
        serving(world, data_dir=tmp_path) as portal,
        browsing(chromium, reduced_motion="reduce") as context,
    ):
        before: int | None = -1
        await bring_axe(context)
        home, page = portal.settings.portal_address, await context.new_page()
        eyes, answered = Eyes(page, Path(PICTURES) if PICTURES else None, in_dark=in_dark), []
        page.on("response", lambda one: answered.append((one.request.is_navigation_request(), one.status)))
        for one in await visits(portal):
            if one.person != before:
                await becomes(context, portal, one.person)
                before = one.person
            if one.typed is None:
                await page.goto(home + one.path)
            else:
                await page.goto(f"{home}/verify")
                await sends(page, one.path, one.typed, one.files)
            status = [code for is_page, code in answered if is_page][-1]
            if status != one.status:
                wrong.append((one.name, f"answers {status}: {await page.inner_text('main')}"[:400]))
            walked |= {route_of(portal, page.url.removeprefix(home)), route_of(portal, one.path)}
            wrong += [(one.name, it) for it in await eyes.look(one.name)]
        missing = patterns(portal) - walked
    wrong += [(one, "nobody opens it") for one in sorted(missing)]
    assert not wrong, "\n".join(" · ".join(one) for one in wrong)
    assert {one.name for one in (HERE / "templates").glob("[!_]*.html")} - {"base.html"} - shown == set()


#: A page on which everything is wrong.
BROKEN = """<!doctype html><html><head><title>Broken</title><style>
.pale { color: #ccc; background: #fff } .far { width: 2000px }
.cut { width: 9px; height: 9px; overflow: hidden } .tiny { width: 9px; height: 9px; padding: 0 }
.blind:focus { outline: 0 } @media print { .dark { display: none } }
</style></head><body><main class="dark"><h1>Broken</h1><p class="pale">Nobody reads this.</p>
<div class="far">Far</div><div class="cut">This is cut off.</div><button class="tiny"></button>
<a class="blind button" href="/">Away</a><p onclick="go()">Runs</p>
<button tabindex="-1">Not to be come to</button></main></body></html>"""


async def test_what_is_wrong_is_seen(chromium: Path) -> None:
    async with browsing(chromium) as context:
        page = await context.new_page()
        await page.set_content(BROKEN)
        seen = "\n".join(await Eyes(page).look("broken"))
    for said in (
        "no script · alive: <p onclick",
        '320 light · color-contrast: <p class="pale">',
        "320 light · html-has-lang",
        "320 light · button-name",
        "320 light · sideways: 2",
        '1280 dark · wide: <div class="far">',
        '390 light · cut: <div class="cut">',
        '320 light · small: <button class="tiny"',
        'keyboard · no ring: <a class="blind button"',
        "keyboard · not by Tab: <button tabindex",
        "390 at 200 % · sideways",
        "printed · nothing on the sheet",
    ):
        assert said in seen, (said, seen)
