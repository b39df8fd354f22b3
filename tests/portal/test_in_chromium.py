"""The pages in a real browser: a teacher's way on a phone."""

import re
from pathlib import Path

from tasks.mail.delivery import deliver
from tests.portal.browser import Box
from tests.portal.chromium import browsing, clicked, serving
from tests.support.world import CO, PRINCIPAL, TEACHER, World, mail


async def live(world: World) -> None:
    """One account that is live, one request that waits, and steps for everybody."""
    first = await world.submit()
    await world.drain()
    await world.decide(first, CO)
    await world.drain()
    await world.meet_gates(1, PRINCIPAL)
    await world.drain()
    await world.submit(handle="@lakeside.library", purpose="Books that are read at the school.")
    await world.drain()


async def test_a_teacher_on_a_phone_comes_from_the_letter_to_done_without_a_script(
    one_world: World, chromium: Path
) -> None:
    await live(one_world)
    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False, "is_mobile": True}
    async with serving(one_world) as portal, browsing(chromium, **phone) as context:
        home, box = portal.settings.portal_address, Box()
        one_world.later(minutes=5)
        settings = portal.settings.model_copy(update={"portal_url": home})
        await deliver(
            one_world.store,
            one_world.policy,
            settings,
            now=one_world.now,
            clock=lambda: one_world.now,
            worker="test",
            post=box,
        )
        letter = next(text for to, text in box.letters if to == mail(TEACHER) and home in text)
        found = re.search(rf"{home}/\S*", letter)
        assert found, letter
        page = await context.new_page()
        await page.goto(found[0])
        await clicked(page.get_by_role("link", name="Choose a sample person"))
        await page.get_by_label("Somebody else").fill(mail(TEACHER))
        await clicked(page.get_by_role("button", name="Search"))
        await clicked(page.locator("button.person"))
        assert page.url == found[0]
        done = 0
        while (steps := page.locator("main a[href^='/steps/']")) and await steps.count() > done:
            await clicked(steps.nth(done))
            press = page.locator("main form button.button")
            if await press.count():
                await clicked(press.first)
                assert await page.get_by_role("status").is_visible()
            else:  # the course: the learning platform says that it is done
                done += 1
                await page.goto(f"{home}/")
        kept = await one_world.rows("acceptance")
        assert [row["person_id"] for row in kept if row["accepted_at"]].count(TEACHER) == 1
        entries = [row for row in await one_world.rows("audit_entry") if row["via"] == "web page"]
        assert {row["actor_id"] for row in entries} == {TEACHER}
        assert all(row["body"]["session"] for row in entries)
