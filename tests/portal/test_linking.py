"""Whose account at a provider is whose: linked once, by an address that the provider vouches for."""

from datetime import datetime
from typing import Any

import pytest

from schemas.errors import BadSettings, NotAllowed
from schemas.settings import load
from tasks.sign_in.linking import person_of, refuse_stale
from tests.support.stages import leaves
from tests.support.world import PRINCIPAL, TEACHER, World, mail

GOOGLE = {
    "iss": "https://accounts.google.com",
    "sub": "1",
    "email": mail(TEACHER),
    "email_verified": True,
    "hd": "example.org",
}
ENTRA = {
    "iss": "https://login.microsoftonline.com/t/v2.0",
    "sub": "x",
    "tid": "t",
    "oid": "o",
    "preferred_username": mail(TEACHER).upper(),
}


@pytest.mark.parametrize(
    ("claims", "domain"),
    [(GOOGLE, "example.org"), (GOOGLE, None), (ENTRA, None)],
    ids=["domain", "google", "entra"],
)
async def test_somebody_is_linked_once_and_found_by_their_id_from_then_on(
    world: World, claims: dict[str, Any], domain: str | None
) -> None:
    assert await person_of(world.store, claims, domain, world.now) == TEACHER
    moved = {**claims, "email": mail(PRINCIPAL), "preferred_username": mail(PRINCIPAL)}
    assert await person_of(world.store, moved, domain, world.now) == TEACHER
    assert [row["person_id"] for row in await world.rows("linked_identity")] == [TEACHER]
    assert (await world.rows("audit_entry"))[-1]["cause"] == "sign-in linked"


@pytest.mark.parametrize(
    ("claims", "domain"),
    [
        ({**GOOGLE, "email_verified": False}, None),
        ({**GOOGLE, "email_verified": "true"}, None),
        ({**GOOGLE, "hd": "elsewhere.example.org"}, "example.org"),
        ({key: value for key, value in GOOGLE.items() if key != "hd"}, "example.org"),
        ({**GOOGLE, "email": "nobody@example.org"}, None),
        ({**GOOGLE, "sub": ""}, None),
        ({**ENTRA, "oid": None}, None),
        ({**ENTRA, "preferred_username": None, "email": mail(TEACHER)}, None),
        ({}, None),
    ],
)
async def test_nobody_is_let_in_by_a_word_that_nobody_vouches_for(
    one_world: World, claims: dict[str, Any], domain: str | None
) -> None:
    with pytest.raises(NotAllowed):
        await person_of(one_world.store, claims, domain, one_world.now)
    assert await one_world.rows("linked_identity") == []


@pytest.mark.parametrize(
    ("ago", "stale"), [(None, False), (10, False), (299, False), (301, True), (86_400, True)]
)
def test_a_sign_in_of_this_morning_is_none_of_now(now: datetime, ago: int | None, *, stale: bool) -> None:
    for number in (int, float):  # JSON has one kind of number
        claims = GOOGLE if ago is None else {**GOOGLE, "auth_time": number(now.timestamp()) - ago}
        if stale:
            with pytest.raises(NotAllowed, match="without asking again"):
                refuse_stale(claims, now)
        else:
            refuse_stale(claims, now)


async def test_who_has_left_is_out(one_world: World) -> None:
    await person_of(one_world.store, GOOGLE, None, one_world.now)
    await leaves(one_world, TEACHER)
    with pytest.raises(NotAllowed, match="left"):
        await person_of(one_world.store, GOOGLE, None, one_world.now)


@pytest.mark.parametrize("tenant", ["common", "organizations", "consumers"])
def test_a_provider_of_many_tenants_is_refused(tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_PORTAL_PROVIDER", f"https://login.microsoftonline.com/{tenant}/v2.0")
    with pytest.raises(BadSettings, match="your own tenant"):
        load()
