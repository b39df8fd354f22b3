"""`steward why` answers for every kind of thing; what few may see only to whoever may see it."""

import json

from deployments.cli.acts import who_types
from deployments.sample.words import RoleKind
from policy.calendar import Calendar
from policy.controls import Control
from policy.controls.administrators import Administrators
from policy.controls.inventory import Inventory
from schemas.outcome import Ask, Outcome, RoleAt, Subject
from schemas.people import TerminalUser
from schemas.words import ItemKind, SubjectKind
from tasks.store.apply import apply
from tasks.store.audit import STEWARD
from tests.commands.act_cases import acted, advised
from tests.commands.terminal import Terminal
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

FROM, THROUGH = "2026-10-21", "2026-10-30"


async def asked(world: World, kind: ItemKind, about: Subject, control: type[Control]) -> None:
    """The school's office is asked for something."""
    ask = Ask(
        f"asked/{kind}", kind, RoleAt(RoleKind.SCHOOL_ADMINISTRATOR, 1), about,
        world.policy.name_of(control), world.now.date(),
    )  # fmt: skip
    async with world.store.write() as session:
        calendar = Calendar(world.policy)
        await apply(session, Outcome((ask,)), actor=STEWARD, calendar=calendar, now=world.now)


async def everything(world: World) -> None:
    """A live account, and one of each kind of thing around it and its teacher."""
    await live(world)
    await advised(world)
    texting = {"leave": "texting", "purpose": "A journey of the class.", "ends_on": THROUGH}
    await acted(world, "ask-for-leave", TEACHER, **texting, circumstances="No other way serves this journey.")
    broken = {"account": 1, "person": mail(TEACHER), "rule": "AP 170", "tells": "A picture."}
    await acted(world, "report-what-was-broken", VICE, **broken)
    await acted(world, "take-a-report-on", CO, incident=1)
    await acted(world, "report-a-contact", TEACHER, says="A message on a private account.")
    await acted(world, "log-an-enquiry", TEACHER, account=1, asks="When does school begin?")
    await acted(world, "report-misleading-information", VICE, account=1, says="School begins at ten.")
    await asked(world, ItemKind.NAME_SUCCESSOR, Subject(SubjectKind.ACCOUNT, 1), Administrators)
    await acted(world, "add-an-administrator", PRINCIPAL, account=1, person=mail(VICE))
    await acted(
        world,
        "note-an-absence",
        TEACHER,
        person=mail(TEACHER),
        starts_on=FROM,
        ends_on=THROUGH,
        deputy=mail(DEPUTY),
    )
    await acted(world, "stop-accounts", CO, accounts=(1,), reason="Somebody else posts there.")
    await asked(world, ItemKind.CONFIRM_LIST, Subject(SubjectKind.SCHOOL, 1), Inventory)


def lines(terminal: Terminal, *words: str) -> list[str]:
    said = terminal.steward(*words, "--json")
    assert (said.code, said.err) == (0, "")
    return [f"{one['gate']} | {one['to_mend_it']}" for one in json.loads(said.out)]


def holds(found: list[str], *parts: str) -> bool:
    return any(all(part in one for part in parts) for one in found)


def test_why_answers_for_every_kind(terminal: Terminal) -> None:
    terminal.world(everything)
    account = lines(terminal, "why", "@lakeside.school", "--as", mail(CO))
    for parts in (
        ("stopped in an emergency", "confirm-stop 1"),
        ("Given7 Sample7 was named, and waits", "decide-administrator 1"),
        ("misleading", "correction acknowledge 1"),
        ("its school is asked whether its list is right", "school confirm 1"),
        ("report 1 (AP 170): being heard", "incident answer 1"),
        ("answered in time",),
        ("looks at it on school days",),
    ):
        assert holds(account, *parts), parts
    theirs = lines(terminal, "why", mail(TEACHER), "--as", mail(TEACHER))
    for parts in (
        ("away from 2026-10-21 through 2026-10-30",),
        ("the access to @lakeside.school on Instagram is granted",),
        ("leave 1 (texting) is asked for", "leave decide 1"),
        ("“personal accounts”", "attest advice"),
        ("report 1 (AP 170): being heard", "incident answer 1"),
        ("contact report 1, of", "contact show 1"),
        ("asked: answer the public, @lakeside.school", "by 2026-10-2"),
    ):
        assert holds(theirs, *parts), parts
    assert holds(lines(terminal, "why", mail(VICE)), "this person was named, and waits"), "proposed"


def test_what_few_may_see_is_shown_to_nobody_else(terminal: Terminal) -> None:
    terminal.world(everything)
    seen = {}
    for reader in (None, VICE, CO, PRINCIPAL, SUPER, OTHER_PRINCIPAL):
        as_them = ("--as", mail(reader)) if reader else ()
        found = lines(terminal, "person", "why", str(TEACHER), *as_them)
        seen[reader] = (holds(found, "report 1 (AP 170)"), holds(found, "contact report 1"))
        assert not holds(found, "asked: answer the report")
    assert seen == {
        None: (False, False),
        VICE: (True, False),  # who reported it reads where it stands
        CO: (True, False),
        PRINCIPAL: (False, True),
        SUPER: (False, True),
        OTHER_PRINCIPAL: (False, False),
    }


def test_nobody_reads_in_the_name_of_another(terminal: Terminal) -> None:
    terminal.world(live)
    user, host = who_types()
    bound = TerminalUser(user=user, host=host, person_id=VICE, bound_by_id=CO, bound_at=terminal.now)
    terminal.world(lambda world: world.put(bound))
    assert terminal.steward("why", mail(TEACHER), "--as", mail(VICE)).code == 0
    said = terminal.steward("why", mail(TEACHER), "--as", mail(CO))
    assert (said.code, said.out) == (2, "")
    assert "this user of the machine is somebody else" in said.err
