"""A policy file counts from the moment a named person adopts it; editing it afterwards changes nothing."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from policy.model import load, parse, text_of
from schemas.errors import AlreadyDone, BadPolicy, ChangedMeanwhile, NotAllowed
from schemas.people import Absence
from schemas.receipt import Receipt
from schemas.settings import ROOT, Settings
from schemas.words import Mode, Via
from tasks.adoption.adopt import AdoptionForm, adopt_first, adopt_policy, what_changes
from tasks.adoption.listing import file_differs, list_adopted
from tasks.adoption.modes import ObserveForm, observe_control
from tasks.runtime import Runtime, opened
from tasks.store import Store, adopted
from tests.support.world import CO, SUPER, TEACHER, World, mail

SHIPPED = ROOT / "policy" / "ap151.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The policy file of a machine, which people edit."""
    path = tmp_path / "policy.toml"
    path.write_text(SHIPPED.read_text())
    return path


def edit(file: Path, *changes: tuple[str, str], version: str = "2026-10") -> None:
    """Change the file, under a new version."""
    text = file.read_text()
    for old, new in (('version = "2026-09" ', f'version = "{version}" '), *changes):
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)


def write(file: Path, text: str) -> None:
    """Write the file anew."""
    file.write_text(text)


async def adopt(world: World, file: Path, actor: int = CO, **given: bool | str) -> Receipt:
    used = await adopted.in_use(world.store, SHIPPED, world.now)
    form = AdoptionForm.model_validate(
        {"actor": mail(actor), "file": file, "in_place_of": used.document.version, **given}
    )
    return await adopt_policy(world.store, used, form, via=Via.COMMAND, now=world.now)


async def grace(url: str, file: Path) -> int:
    """The figure that the tests change, as runs see it."""
    settings = Settings(policy_file=file, database_url=url)
    async with opened(settings) as runtime:
        return int(runtime.policy.control("privacy-course").grace_school_days)  # type: ignore[attr-defined]


async def test_a_file_counts_when_it_is_adopted_and_not_when_it_is_edited(
    world: World, store_url: str, file: Path
) -> None:
    assert "taken from policy.toml" in await adopt_first(world.store, file, world.now)
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    assert await grace(store_url, file) == 20, "edited, and nothing more"
    receipt = await adopt(world, file)
    assert "clauses[5.2].controls[privacy-course].grace_school_days: 20 → 25" in receipt.says
    assert await grace(store_url, file) == 25
    write(file, "broken")
    assert await grace(store_url, file) == 25, "the file is not read any more"


async def test_it_is_kept_whole_with_who_adopted_it(world: World, file: Path) -> None:
    await adopt_first(world.store, file, world.now)
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    world.now += timedelta(hours=1)
    await adopt(world, file, SUPER)
    newest, first = await list_adopted(world.store)
    assert (newest.version, newest.adopted_at, newest.used) == ("2026-10", world.now, True)
    assert (newest.by, first.by, first.used) == (f"Given{SUPER} Sample{SUPER}", "", False)
    async with world.store.read() as session:
        assert (await adopted.one(session, "2026-10")).content == text_of(file)
        assert (await adopted.one(session, "1")).content == text_of(SHIPPED)
    (entry,) = [row for row in await world.rows("audit_entry") if row["cause"] == "policy adopted"]
    assert (entry["actor_id"], entry["body"]["version"]) == (SUPER, "2026-10")


async def test_the_others_in_office_read_of_it(world: World, file: Path) -> None:
    await adopt_first(world.store, file, world.now)
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    await adopt(world, file)
    assert ("policy_adopted", SUPER) in await world.told()
    assert ("policy_adopted", TEACHER) not in await world.told()


async def test_what_came_into_use_meanwhile_is_not_undone(world: World, file: Path, tmp_path: Path) -> None:
    """Two look a file over, both against the same version; the second one to adopt is told."""
    await adopt_first(world.store, file, world.now)
    other = tmp_path / "other.toml"
    write(other, text_of(file))
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    edit(other, ("grace_school_days = 20 ", "grace_school_days = 30 "), version="2026-11")
    await adopt(world, file, SUPER)
    with pytest.raises(ChangedMeanwhile, match="Version 2026-10 is in use since 2026-10-20") as refused:
        await adopt(world, other, in_place_of="2026-09")
    assert f"adopted by Given{SUPER} Sample{SUPER}. This file was looked over against version 2026-09" in (
        refused.value.shown
    )
    stale = load(SHIPPED)  # a process that has not heard of it yet
    form = AdoptionForm.model_validate({"actor": mail(CO), "file": other, "in_place_of": "2026-10"})
    with pytest.raises(ChangedMeanwhile):
        await adopt_policy(world.store, stale, form, via=Via.COMMAND, now=world.now)
    assert len(await list_adopted(world.store)) == 2
    receipt = await adopt(world, other, in_place_of="2026-10")
    assert "grace_school_days: 25 → 30" in receipt.says


async def test_in_whose_place_a_deputy_adopted_it_is_told_them_too(world: World, file: Path) -> None:
    await adopt_first(world.store, file, world.now)
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    day = world.now.date()
    await world.put(Absence(person_id=SUPER, deputy_id=TEACHER, starts_on=day, ends_on=day))
    await adopt(world, file, TEACHER)
    told = {row["person_id"]: row["facts"] for row in await world.rows("notice")}
    assert {SUPER, CO} <= set(told)
    assert {(one["by_id"], one["deputy_for_id"]) for one in told.values()} == {(TEACHER, SUPER)}


async def test_who_holds_the_office_acts_in_their_own_name(world: World, file: Path) -> None:
    """Also while they stand in for somebody who is away, in an office that is named before theirs."""
    await adopt_first(world.store, file, world.now)
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    day = world.now.date()
    await world.put(Absence(person_id=SUPER, deputy_id=CO, starts_on=day, ends_on=day))
    await adopt(world, file, CO)
    (entry,) = [row for row in await world.rows("audit_entry") if row["cause"] == "policy adopted"]
    assert (entry["actor_id"], entry["body"].get("in_name_of")) == (CO, None)


async def test_only_who_adopts_policies_may(world: World, file: Path) -> None:
    await adopt_first(world.store, file, world.now)
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    with pytest.raises(NotAllowed, match="Only the Superintendent or the Communications Officer adopts"):
        await adopt(world, file, TEACHER)


async def test_a_file_cannot_name_who_adopts_it(world: World, file: Path) -> None:
    """Who may is asked of the policy that is used, not of the one that comes."""
    await adopt_first(world.store, file, world.now)
    edit(
        file,
        (
            'adopts_policy = ["superintendent", "communications officer"]',
            'adopts_policy = ["superintendent"]',
        ),
    )
    await adopt(world, file)
    text = text_of(file).replace('version = "2026-10" ', 'version = "2026-11" ')
    write(file, text.replace('= ["superintendent"]', '= ["communications officer"]'))
    with pytest.raises(NotAllowed, match="Only the Superintendent adopts"):
        await adopt(world, file, CO)


#: The slips that cost people their access when a file was used as soon as it was edited.
SLIPS = {
    "a year becomes 36 days": ("valid_days = 365", "valid_days = 36"),
    "nobody has time": ("grace_school_days = 20 ", "grace_school_days = 1 "),
}


@pytest.mark.parametrize("slip", SLIPS)
async def test_a_slip_is_not_adopted_unless_it_is_meant(world: World, file: Path, slip: str) -> None:
    await adopt_first(world.store, file, world.now)
    edit(file, SLIPS[slip])
    with pytest.raises(BadPolicy, match="brings 1 warning: mend it, or adopt it with --despite-warnings"):
        await adopt(world, file)
    assert len(await list_adopted(world.store)) == 1
    assert "warning: " in (await adopt(world, file, despite_warnings=True)).says
    assert len(await list_adopted(world.store)) == 2


async def test_words_under_an_old_version_are_refused_and_the_old_file_may_come_back(
    world: World, store_url: str, file: Path
) -> None:
    await adopt_first(world.store, file, world.now)
    text = text_of(file)
    write(file, text.replace("Stay professional, in private life too.", "Be professional."))
    with pytest.raises(
        BadPolicy, match=r"texts\[\d+, id personal accounts\]\.version = .*give these a new version"
    ):
        await adopt(world, file)
    with pytest.raises(BadPolicy, match="give this a new version"):
        await what_changes(world.store, load(SHIPPED), file, world.now.date())
    write(file, text)
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    await adopt(world, file)
    write(file, text)
    await adopt(world, file)
    assert await grace(store_url, file) == 20
    with pytest.raises(AlreadyDone, match="there is nothing to adopt"):
        await adopt(world, file)


async def test_a_dry_run_keeps_nothing(world: World, file: Path) -> None:
    await adopt_first(world.store, file, world.now)
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    before = await world.everything()
    assert "it was only tried" in (await adopt(world, file, dry_run=True)).says
    assert await world.everything() == before


async def test_status_says_that_an_edited_file_does_not_count(world: World, file: Path) -> None:
    settings = Settings(policy_file=file)
    assert await file_differs(Runtime(settings, load(file), world.store)) == "", "nothing was adopted yet"
    await adopt_first(world.store, file, world.now)
    runtime = Runtime(settings, await adopted.in_use(world.store, file, world.now), world.store)
    assert await file_differs(runtime) == ""
    write(file, f"# a remark\n{text_of(file)}")
    assert await file_differs(runtime) == ""
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    assert "does not count yet: `steward policy diff" in await file_differs(runtime)
    write(file, "broken")
    assert "can't be used; the adopted policy still is" in await file_differs(runtime)


async def test_a_start_takes_the_file_once(world: World, file: Path) -> None:
    await adopt_first(world.store, file, world.now)
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    said = await adopt_first(world.store, file, world.now)
    assert said.startswith("policy version 2026-09, adopted ")
    assert len(await list_adopted(world.store)) == 1


async def test_before_there_is_a_store_the_file_is_read(tmp_path: Path, file: Path, now: datetime) -> None:
    store = Store.open(f"sqlite+aiosqlite:///{tmp_path / 'nothing.db'}")
    assert await adopted.in_use(store, file, now) == parse(text_of(file), file)
    assert store.is_missing, "reading makes no store"
    await store.close()


async def test_a_mode_that_was_set_stays_until_a_file_speaks_of_it_anew(
    world: World, store_url: str, file: Path
) -> None:
    await adopt_first(world.store, file, world.now)
    look = ObserveForm(actor=mail(CO), control="notice-on-page", reason="A list is read anew.")
    await observe_control(world.store, world.policy, look, via=Via.COMMAND, now=world.now)
    used = await adopted.in_use(world.store, file, world.now)
    assert used.control("notice-on-page").mode is Mode.OBSERVE
    edit(file, ("grace_school_days = 20 ", "grace_school_days = 25 "))
    change = await what_changes(world.store, used, file, world.now.date())
    assert change.policy.control("notice-on-page").mode is Mode.OBSERVE
    assert change.modes == ("notice-on-page: “observe”, which was set for it from 2026-10-20 on, stays.",)
    assert change.modes[0] in (await adopt(world, file)).says
    async with opened(Settings(policy_file=file, database_url=store_url)) as runtime:
        assert await file_differs(runtime) == "", "the file says what was adopted"
        assert runtime.policy.set_modes
    text = text_of(file).replace('version = "2026-10" ', 'version = "2026-11" ')
    write(file, text.replace('as = "notice-on-page"', 'as = "notice-on-page"\nmode = "observe"'))
    assert "was set for it, which ends, since the file says its mode anew" in (await adopt(world, file)).says
    assert (await adopted.in_use(world.store, file, world.now)).set_modes == ()


LEFT_OUT = {
    "a level": (('id = "classroom"\nlabel', 'id = "class"\nlabel'), ('"classroom"]', '"class"]')),
    "a platform": (
        ('name = "Instagram"', 'name = "Insta"'),
        ('platform = "Instagram"', 'platform = "Insta"'),
    ),
    "an office": (('"superintendent"', '"head of schools"'),),
}
SAID = {
    "a level": "levels: 1 account or request is of the level 'classroom', which the file leaves out",
    "a platform": "platforms: 1 account or request is on 'Instagram', which the file leaves out",
    "an office": "offices: 1 person holds the office 'superintendent', which the file leaves out",
}


@pytest.mark.parametrize("what", LEFT_OUT)
async def test_what_is_in_use_can_not_be_left_out(one_world: World, file: Path, what: str) -> None:
    """Nothing would hold such accounts, and each night would fail on them."""
    world = one_world
    await adopt_first(world.store, file, world.now)
    await world.submit(level="classroom", administrators=[mail(TEACHER)])
    text = text_of(file).replace('version = "2026-09" ', 'version = "2026-10" ')
    for old, new in LEFT_OUT[what]:
        assert old in text
        text = text.replace(old, new)
    write(file, text)
    before = await world.everything()
    for refused in (
        adopt(world, file, despite_warnings=True),
        what_changes(world.store, load(SHIPPED), file, world.now.date()),
    ):
        with pytest.raises(BadPolicy, match=SAID[what]):
            await refused
    assert await world.everything() == before
