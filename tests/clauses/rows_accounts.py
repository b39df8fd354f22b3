"""Rows of the clauses about accounts: asking for one, its people, its page."""

from datetime import UTC, date, datetime

from schemas.words import PageVerdict
from tasks.inventory.lifecycle import LIFECYCLE as INVENTORY
from tests.clauses.driving import acted, causes, refused, row, said, states, told, violated
from tests.support.stages import approved, awaiting, live, not_needed, prepared, voided
from tests.support.world import CO, PRINCIPAL, SUPER, TEACHER, World, mail


@row("1", done="A teacher is designated for division-wide channels, and the designation ended.")
async def _(world: World) -> str:
    await acted(world, "designate-an-administrator", SUPER, person=mail(TEACHER))
    await acted(world, "end-a-designation", SUPER, person=mail(TEACHER), reason="It is over.")
    (found,) = await world.rows("designation")
    return said(
        f"designation of person {found['person_id']} ended on {found['ends_on']}",
        await causes(world, "designated", "designation ended"),
    )


@row("2", "2.1", "2.2", "2.3", "2.4", done="An account is asked for without a word on the provided tools.")
async def _(world: World) -> str:
    await world.submit(tools_considered=[], why_not="")
    await world.drain()
    (asked,) = await world.rows("account_request")
    return said(f"request 1 is {asked['state']}", *asked["reasons"])


@row("5", done="A school account is asked for; the requester tries to approve it, then Communications does.")
async def _(world: World) -> str:
    await awaiting(world)
    no = await refused(
        world, "decide-a-request", TEACHER, request=1, verdict="approve", reason="It fits.", revision=1
    )
    await world.decide(1, CO)
    await world.drain()
    return said(no, await states(world))


@row("5.2", done="Everything is done but the course; then the course is completed.")
async def _(world: World) -> str:
    await approved(world)
    await world.meet_gates(1, TEACHER, course=False)
    await world.drain()
    before = (await world.accesses())[TEACHER]
    await acted(
        world, "record-a-completion", CO, person=mail(TEACHER), completed_on=date(2026, 10, 17).isoformat()
    )
    await world.drain()
    return said(f"before: {before}", await states(world))


@row("5.3", done="The guidelines are sent, and acknowledged by version.")
async def _(world: World) -> str:
    await prepared(world)
    found = await world.rows("guideline_receipt")
    return "; ".join(
        f"person {one['person_id']} acknowledged {one['guideline']}, version {one['guideline_version']}"
        for one in found
    )


@row("5.4", done="The principal leaves a live school account that has two administrators.")
async def _(world: World) -> str:
    await live(world)
    before = await violated(world, "school-administrators")
    await acted(
        world, "remove-an-administrator", CO, account=1, person=mail(PRINCIPAL), reason="New timetable."
    )
    (access,) = [one for one in await world.rows("access") if one["person_id"] == PRINCIPAL]
    return said(f"before: {before}", f"their access ends on {access['ends_on']}, with notice")


@row("5.6", done="Each administrator accepts responsibility for the account.")
async def _(world: World) -> str:
    await prepared(world)
    found = await world.rows("acceptance")
    return "; ".join(f"person {one['person_id']} accepted version {one['text_version']}" for one in found)


@row("6", done="A classroom account is asked for, and approved by the school's principal.")
async def _(world: World) -> str:
    await prepared(world, "classroom")
    (decision,) = await world.rows("decision")
    return said(f"decided by person {decision['decided_by_id']}: {decision['verdict']}", await states(world))


@row("6.1", done="The same, with a course that nobody asked for: the classroom account needs none.")
async def _(world: World) -> str:
    await approved(world, "classroom")
    await world.meet_gates(1, TEACHER, course=False)
    await world.drain()
    return await states(world)


@row("7", done="The settings of a live account are attested with one of them unmet.")
async def _(world: World) -> str:
    await live(world)
    before = await violated(world, "privacy-settings")
    await acted(world, "attest-privacy-settings", TEACHER, account=1, privacy=["two-step"])
    return said(f"before: {before}", f"after: {await violated(world, 'privacy-settings')}")


@row("8", done="A look at the page of a live account finds the notice altered.")
async def _(world: World) -> str:
    await live(world)
    before = await violated(world, "notice-on-page")
    await world.look(1, PageVerdict.ALTERED)
    return said(f"before: {before}", f"after: {await violated(world, 'notice-on-page')}")


@row("11", done="The shared password is changed; the other administrator confirms.")
async def _(world: World) -> str:
    await live(world)
    await acted(world, "record-a-new-password", TEACHER, account=1, evidence="vault/Lakeside")
    await acted(world, "confirm-a-new-password", PRINCIPAL, account=1)
    return said(await told(world, "rotated"), await violated(world, "password-change"))


@row("14", done="A personal account is asked for.")
async def _(world: World) -> str:
    await not_needed(world)
    return said(f"request 1 is {await world.request(1)}", await told(world, "no_approval_needed"))


@row("5.2", done="A completion is voided because somebody else sat the course.")
async def _(world: World) -> str:
    await voided(world)
    (found,) = await world.rows("completion")
    return said(f"it does not count: {found['void_reason']}", await causes(world, "completion voided"))


REPORT = {
    "account": 1,
    "address": "https://www.example.org/lakeside",
    "platform_id": "17841400000000001",
    "privacy_done": ["all"],
}


@row(
    "5.5", done="A school account is reported without a way in for Communications, then with a vault's entry."
)
async def _(world: World) -> str:
    await prepared(world)
    no = await refused(world, "report-an-account", TEACHER, **REPORT)
    await acted(world, "report-an-account", TEACHER, **REPORT, vault_reference="vault/Lakeside")
    await world.look(1)
    await world.drain()
    held = await violated(world, "communications-can-reach-it")
    return said(no, f"then account 1 is {await world.account(1)}", held)


@row("6.2", done="The same with a classroom account and its principal.")
async def _(world: World) -> str:
    await prepared(world, "classroom")
    no = await refused(world, "report-an-account", TEACHER, **REPORT)
    await acted(world, "report-an-account", TEACHER, **REPORT, vault_reference="vault/Lakeside")
    await world.look(1)
    await world.drain()
    held = await violated(world, "principal-can-reach-it")
    return said(no, f"then account 1 is {await world.account(1)}", held)


@row(
    "6.3",
    done="Nobody looks at the profile of a classroom account for a month; then Communications attests it.",
)
async def _(world: World) -> str:
    await prepared(world, "classroom")
    await world.report(1, TEACHER)
    await world.look(1)
    await world.drain()
    world.later(days=30)
    before = await violated(world, "owner-is-named")
    seen = {"account": 1, "owner": mail(TEACHER), "evidence": "Looked at on a phone."}
    await acted(world, "attest-a-profile", CO, **seen)
    return said(f"before: {before}", f"after: {await violated(world, 'owner-is-named')}")


@row("9", done="Nobody looks at a live account for a week of school days; then its teacher checks in.")
async def _(world: World) -> str:
    await live(world)
    world.on(date(2027, 1, 19))
    before = await violated(world, "daily-look")
    await acted(world, "check-in", TEACHER, accounts=[1])
    return said(f"before: {before}", f"after: {await violated(world, 'daily-look')}")


@row(
    "5.1", done="In February each school is asked for its list; a principal strikes an account, and keeps it."
)
async def _(world: World) -> str:
    await live(world)
    world.now = datetime(2027, 2, 1, 16, tzinfo=UTC)
    await world.bring_on(INVENTORY.stages[0])
    struck = await acted(world, "confirm-a-list", PRINCIPAL, school="1", strike=(1,))
    kept = await acted(world, "keep-an-account", PRINCIPAL, account=1, reason="It is read.")
    return said(await told(world, "list_to_confirm"), struck.says, kept.says)
