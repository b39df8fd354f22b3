"""What is taken down: never without a ground and a copy; who may look; undone, exported, and gone in time."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from policy.model import load, parse, text_of
from schemas.errors import AlreadyDone, BadInput, BadPolicy, NotAllowed, NotNow
from schemas.receipt import Receipt
from schemas.settings import ROOT
from schemas.words import Via
from tasks.acts.table import ACTS
from tasks.files.pictures import read_picture
from tasks.public.copies import STAGE
from tasks.store import verifying
from tests.support.stages import live
from tests.support.world import CO, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
SAID = "Buy my watches, all of you!"
AD = {"account": 1, "ground": "spam or advertising"}


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STEWARD_DATA_DIR", str(tmp_path / "home"))
    return tmp_path / "home" / "removals"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "post.png"
    path.write_bytes(PNG)
    return path


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*"))


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def acts(world: World, name: str, actor: int, **values: Any) -> Receipt:
    act = ACTS[name].load()
    form = act.form.model_validate({"actor": mail(actor), **values})
    done: Receipt = await act(world.store, world.policy, form, via=Via.COMMAND, now=world.now)
    return done


async def log(world: World, actor: int = TEACHER, **values: Any) -> Receipt:
    return await acts(world, "record-a-removal", actor, **{**AD, **values})


async def test_from_the_removal_to_the_end_of_its_copy(
    world: World, kept: Path, picture: Path, tmp_path: Path
) -> None:
    await live(world)
    await log(world, text=SAID, picture=picture)
    await log(world, picture=picture)
    (file,) = files(kept)
    assert file.name == f"{hashlib.sha256(PNG).hexdigest()}.png"
    assert (file.read_bytes(), rights(file)) == (PNG, 0o600)
    assert rights(kept) == 0o700

    for one in (TEACHER, CO, SUPER):
        assert SAID in (await acts(world, "look-at-a-removal", one, removal=1)).says
    for one in (PRINCIPAL, VICE, OTHER_PRINCIPAL):
        with pytest.raises(NotAllowed, match="who took it down or the Communications Officer or the Super"):
            await acts(world, "look-at-a-removal", one, removal=1)
    looked = [row for row in await world.rows("audit_entry") if row["cause"] == "removal looked at"]
    assert [row["actor_id"] for row in looked] == [TEACHER, CO, SUPER]
    assert not any(SAID in str(row) for row in await world.rows("audit_entry"))

    with pytest.raises(NotAllowed):
        await acts(world, "undo-a-removal", OTHER_PRINCIPAL, removal=2, reason="It was to the point.")
    await acts(world, "undo-a-removal", PRINCIPAL, removal=2, reason="It was to the point.")
    with pytest.raises(AlreadyDone):
        await acts(world, "undo-a-removal", PRINCIPAL, removal=2, reason="It was to the point.")

    out = tmp_path / "out"
    with pytest.raises(NotAllowed):
        await acts(world, "export-removals", TEACHER, to=out)
    assert not out.exists()
    await acts(world, "export-removals", CO, to=out, account=1, first="2026-10-20", last="2026-10-20")
    table = (out / "removals.csv").read_text(encoding="utf-8-sig")
    assert SAID in table
    assert (out / "removal-1.png").read_bytes() == PNG
    with pytest.raises(BadInput):
        await acts(world, "export-removals", CO, to=out)
    with pytest.raises(NotNow):
        await acts(world, "export-removals", CO, to=tmp_path / "none", last="2026-10-19")

    days = world.policy.control("take-downs").kept_days  # type: ignore[attr-defined]
    world.later(days=days)
    assert await STAGE.due(world.runtime, world.now) == ()
    await log(world, picture=picture)  # the same picture again: it stays for this one
    world.later(days=1)
    await world.bring_on(STAGE)
    assert [(row["removed_text"], row["emptied_at"] is None) for row in await world.rows("removal")] == [
        ("", False), ("", False), ("", True)
    ]  # fmt: skip
    assert file.exists()
    with pytest.raises(NotNow):
        await acts(world, "look-at-a-removal", CO, removal=1)
    world.later(days=days)
    await world.bring_on(STAGE)
    assert not file.exists()
    await verifying.verify(world.store)


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({}, BadInput, "without a copy"),
        ({"text": SAID, "removed_at": "2026-10-20 10:01"}, BadInput, "can't have been taken down yet"),
        ({"text": SAID, "ground": "disagrees"}, BadInput, "Ground: none of the policy's words"),
        ({"picture": "nowhere.png"}, BadInput, "no file of that name"),
        ({"text": SAID, "actor": VICE}, NotAllowed, "Only an administrator with access to the account"),
    ],
)
async def test_what_is_refused(
    world: World, values: dict[str, Any], error: type[Exception], said: str, kept: Path
) -> None:
    await live(world)
    given = {"actor": TEACHER, **values}
    with pytest.raises(error, match=said):
        await log(world, **given)
    assert await world.rows("removal") == []
    assert files(kept) == []


async def test_a_ground_must_be_given(world: World) -> None:
    act = ACTS["record-a-removal"].load()
    with pytest.raises(ValueError, match="ground"):
        act.form.model_validate({"actor": mail(TEACHER), "account": 1, "text": SAID})
    assert world.policy.grounds


@pytest.mark.parametrize(
    "words", ["It disagrees with the board.", "Somebody criticizes the school.", "A complaint."]
)
def test_disagreement_is_no_ground(tmp_path: Path, words: str) -> None:
    text = text_of(ROOT / "policy" / "ap151.toml")
    changed = text.replace('text = "It is obscene, racist or disrespectful."', f'text = "{words}"')
    with pytest.raises(BadPolicy, match="is no ground"):
        parse(changed, tmp_path / "policy.toml")
    assert "disagree" not in str(load(ROOT / "policy" / "ap151.toml").grounds)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "no picture"), (b"MZ" + bytes(50), "no picture"), (PNG + bytes(2000), "more than")],
)
def test_what_is_no_picture(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        read_picture(path, 1000)


async def test_a_picture_that_was_changed_is_told(world: World, kept: Path, picture: Path) -> None:
    await live(world)
    await log(world, picture=picture)
    assert "changed since" not in (await acts(world, "look-at-a-removal", CO, removal=1)).says
    (file,) = files(kept)
    file.write_bytes(PNG + b"!")
    assert "changed since" in (await acts(world, "look-at-a-removal", CO, removal=1)).says
