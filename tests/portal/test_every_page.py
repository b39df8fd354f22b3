"""Every page over a store with something of everything in it, under two policies that share no word."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from policy.model import load
from portal.fields import has_page
from portal.imports import KINDS
from schemas.settings import ROOT, Settings
from tasks.acts.table import ACTS
from tasks.store import Store
from tests.boards.full_store import filled
from tests.boards.harbour_month import FILE
from tests.portal.browser import Portal
from tests.support.slips import slips, unwritten_days
from tests.support.world import World

AP151 = ROOT / "policy" / "ap151.toml"
#: Words of the one that must not be said by the other. Files and sentences of the policies are their own.
WORDS = re.compile(r"AP ?151|communications officer|superintendent|division", re.IGNORECASE)
#: Files and feeds, and the policy's own text.
AS_THEY_ARE = {"/ledger.csv", "/audit.csv", "/policy/text", "/api/v1/changes.atom"}
OFFICES = (
    "/",
    "/queue",
    "/schools",
    "/accounts",
    "/imports",
    "/ledger",
    "/ledger.csv",
    "/audit",
    "/audit.csv",
    "/policy",
    "/policy/text",
    "/year",
    "/stops",
    "/away",
    "/contacts",
    "/incidents",
    "/acts",
    "/verify?q=nothing",
    "/report",
    "/api/v1/changes.atom",
    "/.well-known/official-accounts.json",
)


def read(page: str) -> str:
    """What people read on it, without what is typed."""
    tree = HTMLParser(page)
    for one in tree.css("input, textarea, option, head"):
        one.decompose()
    return tree.text(separator="\n")


@pytest.mark.parametrize("file", [AP151, FILE], ids=lambda file: file.stem)
async def test_every_page_answers(file: Path, sqlite_store: Store, now: datetime, tmp_path: Path) -> None:
    policy = load(file)
    await filled(sqlite_store, policy, now)
    world = World(sqlite_store, policy, now)
    portal = Portal(world, Settings(data_dir=tmp_path, policy_file=file))
    roles = await world.rows("role")
    keeper = next(row["person_id"] for row in roles if row["kind"] == policy.duties.keeps_policy)
    head = next(row["person_id"] for row in roles if row["kind"] == policy.duties.runs_school)
    accounts = [f"/accounts/{row['id']}" for row in await world.rows("account")]
    items = [(row["id"], row["person_id"]) for row in await world.rows("action_item")]
    forms = [f"/acts/{name}" for name in ACTS if has_page(name)]
    wrong: list[tuple[Any, ...]] = []

    async def look(person: int, *paths: str) -> None:
        async with portal.as_person(person) as browser:
            for path in paths:
                answer = await browser.get(path)
                said = sorted({one.lower() for one in WORDS.findall(answer.text)}) if file == FILE else []
                if answer.status_code not in {200, 303} or (said and path != "/policy/text"):
                    wrong.append((person, path, answer.status_code, said))
                if path not in AS_THEY_ARE and (
                    found := [*slips(words := read(answer.text)), *unwritten_days(" ".join(words.split()))]
                ):
                    wrong.append((person, path, found))

    imports = [f"/imports/{kind}" for kind in KINDS]
    await look(keeper, *OFFICES, *imports, *accounts, *forms, *(f"/queue?open={item}" for item, _ in items))
    await look(head, "/", "/month", "/schools/1", "/contacts", "/incidents")
    for item, person in items:
        await look(person or keeper, f"/steps/{item}")
    assert wrong == [], "\n".join(map(str, wrong))
