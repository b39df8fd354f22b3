"""A day within a sentence of a page is written as everywhere else on it."""

import re

from tests.portal.browser import Portal, hidden
from tests.support.stages import live
from tests.support.world import TEACHER


async def test_what_one_reads_before_and_after_has_written_days(portal: Portal) -> None:
    await live(portal.world)
    portal.world.later(days=2)
    act = "/acts/record-a-new-password"
    async with portal.as_person(TEACHER) as browser:
        page = (await browser.get(act, follow_redirects=True)).text
        typed = {**hidden(page), "account": "1", "evidence": "vault/Lakeside"}
        check = (await browser.send_form(act, typed)).text
        done = (await browser.send_form(act, {**hidden(check), "confirmed": "1"}, follow_redirects=True)).text
    before = re.findall(r"Then you read: “([^”]*)”", check)
    after = re.findall(r'role="status"><p>(.*?)</p>', done)
    for said in (*before, *after):
        assert "The change of Thursday 22 October 2026 is recorded. 2 people are told, and asked" in said
        assert not re.search(r"\d{4}-\d\d-\d\d", said)
    assert (len(before), len(after)) == (1, 1)
