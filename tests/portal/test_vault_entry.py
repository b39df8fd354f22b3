"""A new password's entry in the vault is the record's from then on, and shown to who must have it."""

from sqlalchemy import update
from sqlmodel import col

from schemas.accounts import Access, Account
from schemas.columns import table_of
from schemas.states import AccessState
from tasks.accounts.listing import show_account
from tests.clauses.driving import acted
from tests.portal.browser import Portal
from tests.support.stages import live
from tests.support.world import CO, PRINCIPAL, TEACHER, World


async def _entry(world: World) -> str | None:
    return str(dict((await world.rows("account"))[0])["vault_reference"])


async def test_the_entry_of_a_new_password_is_the_record_s(portal: Portal) -> None:
    world = portal.world
    await live(world)
    world.later(days=2)
    await acted(world, "record-a-new-password", TEACHER, account=1, evidence="vault/Lakeside 2026")
    assert await _entry(world) == "vault/Lakeside 2026"
    async with world.store.read() as session:
        shown = await show_account(session, world.policy, "1")
    assert (shown.vault_reference, shown.password_changed_at) == ("vault/Lakeside 2026", world.now)
    pages = {}
    for who in (TEACHER, CO):
        async with portal.as_person(who) as browser:
            pages[who] = (await browser.get("/accounts/1")).text
    assert all("Password last changed</dt><dd>Thursday 22 October 2026" in one for one in pages.values())
    assert all("vault/Lakeside 2026" in one for one in pages.values())
    async with world.store.write() as session:
        off = update(table_of(Access)).where(col(Access.person_id) == PRINCIPAL)
        await session.run(off.values(state=AccessState.SUSPENDED))
    async with portal.as_person(PRINCIPAL) as browser:
        page = (await browser.get("/accounts/1")).text
    assert "Password last changed" in page
    assert "vault/Lakeside 2026" not in page, "who has no access has no need of it"


async def test_what_is_no_entry_of_a_vault_leaves_the_record_as_it_was(portal: Portal) -> None:
    world = portal.world
    await live(world)
    before = await _entry(world)
    world.later(days=2)
    await acted(world, "record-a-new-password", TEACHER, account=1, evidence="version 7 of it")
    assert before is not None
    assert await _entry(world) == before


async def test_without_a_shared_password_no_entry_is_shown(portal: Portal) -> None:
    world = portal.world
    await live(world)
    async with world.store.write() as session:
        personal = update(table_of(Account)).values(custody="personal administrators")
        await session.run(personal)
    async with portal.as_person(TEACHER) as browser:
        assert "Where the password lies" not in (await browser.get("/accounts/1")).text
