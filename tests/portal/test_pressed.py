"""Who presses the other language keeps what they typed: on every page that there is, field by field."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from policy.model import Policy
from portal.pages import HERE
from schemas.settings import Settings
from tasks.store import Store
from tests.portal.browser import Browser, Portal
from tests.portal.forms import Button, Forms, filled_in, read
from tests.portal.walk import Visit, filled_for_eyes, visits
from tests.support.world import World

#: A field of a template that people fill in, by the name it has.
_FIELD = re.compile(r'<(?:input|textarea|select)(?![^>]*type="(?:hidden|file)")[^>]* name="(\w+)"')


async def opened(browser: Browser, visit: Visit) -> httpx.Response:
    """The page of a visit, read or answered with."""
    if visit.typed is None:
        return await browser.get(visit.path)
    files = [("file", (name, text.encode())) for name, text in visit.files.items()]
    return await browser.send_form(visit.path, visit.typed, **({"files": files} if files else {}))


def of_language(page: Forms) -> Button | None:
    """The first button of another language."""
    return next((one for one in page.buttons if one.attributes.get("name") == "language"), None)


async def pressed(browser: Browser, at: str, page: Forms, button: Button) -> str:
    """The page after everything was filled in and the button was pressed, as a browser does it."""
    sent: dict[str, list[str]] = {}
    for one in filled_in(page.controls):
        if one.sent and one.form == button.form:
            sent.setdefault(one.name, []).append(one.value)
    sent["language"] = [button.attributes["value"]]
    action, _ = page.forms[button.form]
    answer = await browser.send_form(button.attributes.get("formaction") or action or at, sent)
    for _ in range(3):
        if answer.status_code != 303:
            break
        answer = await browser.get(answer.headers["location"])
    assert answer.status_code in {200, 400, 404}, (at, answer.status_code)
    return answer.text


def typed_into(page: Forms) -> Mapping[tuple[str, str], list[Any]]:
    """What stands in the fields: of boxes, which are ticked."""
    found: dict[tuple[str, str], list[Any]] = {}
    for one in page.controls:
        if one.typed and one.name:
            of = one.value if one.type in {"checkbox", "radio"} else ""
            said = one.ticked if of else one.value.removeprefix("\n")
            found.setdefault((one.name, of), []).append(said)
    return {which: [one for one in said if one != ""] for which, said in found.items()}


async def held(browser: Browser, visit: Visit) -> tuple[set[str], list[str]]:
    """The names of the fields of a page, and what of them is lost by the other language."""
    answer = await opened(browser, visit)
    page = read(answer.text)
    fields, button = [one for one in page.controls if one.typed], of_language(page)
    names = {one.name for one in fields}
    if not fields or button is None:
        return names, [] if not fields or visit.typed is not None else [f"{visit.name}: no language"]
    if elsewhere := sorted({one.name for one in fields if one.form != button.form}):
        return names, [f"{visit.name}: {', '.join(elsewhere)} in another form than the language's"]
    wanted = {**typed_into(page), **typed_into(Forms(controls=filled_in(page.controls)))}
    again = await pressed(browser, str(answer.url), page, button)
    if f'<html lang="{button.attributes["value"]}">' not in again:
        return names, [f"{visit.name}: not in the language that was pressed"]
    there = typed_into(read(again))
    return names, [
        f"{visit.name}: {which} has {there.get(which)} for {what}"
        for which, what in wanted.items()
        if there.get(which) != what
    ]


async def test_the_other_language_keeps_what_was_typed_on_every_page(
    sqlite_store: Store, policy: Policy, now: datetime, tmp_path: Path
) -> None:
    """Of every page of the walk, which is held against the application's own routes and templates."""
    world = World(sqlite_store, policy, now)
    await filled_for_eyes(world)
    portal = Portal(world, Settings(data_dir=tmp_path))
    wrong: list[str] = []
    met: set[str] = set()
    for visit in await visits(portal):
        world.now += timedelta(seconds=1)  # the oldest form of many is dropped: each has a moment of its own
        async with portal.browser() if visit.person is None else portal.as_person(visit.person) as browser:
            names, lost = await held(browser, visit)
            met |= names
            wrong += lost
    assert not wrong, "\n".join(wrong)
    asked = {name for one in (HERE / "templates").glob("*.html") for name in _FIELD.findall(one.read_text())}
    assert asked - met == set()
    assert {"requests", "strike", "accounts", "code", "nights"} <= met


@pytest.mark.parametrize(
    "page",
    [
        '<form id="a"><input name="q"></form><form id="b"><button name="language" value="fr"></form>',
        '<form id="a"><input name="q" form="b"></form><button form="a" name="language" value="fr">',
    ],
)
def test_a_field_of_another_form_is_seen(page: str) -> None:
    forms = read(page)
    button = of_language(forms)
    assert button is not None
    assert [one.form != button.form for one in forms.controls] == [True]
