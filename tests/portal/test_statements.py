"""A learning-record store forwards statements: with its secret, whole or not at all, and nobody else does."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from schemas.settings import Settings
from tests.portal.browser import Portal
from tests.support.world import CO, PRINCIPAL, TEACHER, VICE, World, mail

SECRET = "a-secret-of-28-characters-xx"
COURSE = {"id": "https://learn.example.org/focus", "definition": {"name": {"en": "Focus on Privacy"}}}
DONE = "http://adlnet.gov/expapi/verbs/completed"


def said(person: int, **changes: Any) -> dict[str, Any]:
    return {
        "actor": {"mbox": f"mailto:{mail(person)}"},
        "verb": {"id": DONE},
        "object": COURSE,
        "timestamp": "2026-09-14T18:00:00Z",
        **changes,
    }


def over(world: World, tmp_path: Any, **changes: Any) -> Portal:
    given = {"portal_xapi_as": mail(CO), "portal_xapi_secret": SecretStr(SECRET), **changes}
    return Portal(world, Settings(data_dir=tmp_path, **given))


async def send(
    portal: Portal,
    *statements: Any,
    auth: tuple[str, str] = (mail(CO), SECRET),
    headers: Mapping[str, str] | None = None,
    put: str = "",
) -> Any:
    headers = {"X-Experience-API-Version": "1.0.3", "Content-Type": "application/json", **(headers or {})}
    body = json.dumps(statements[0] if put else list(statements))
    async with portal.browser(auth=auth, headers=headers) as store:
        if put:
            return await store.put("/xapi/statements", params={"statementId": put}, content=body)
        return await store.post("/xapi/statements", content=body)


async def test_a_batch_becomes_completions_and_what_is_of_no_concern_leaves_no_trace(
    one_world: World, tmp_path: Any
) -> None:
    portal = over(one_world, tmp_path)
    answer = await send(
        portal, said(TEACHER), said(VICE, object={"id": "https://learn.example.org/knitting"})
    )
    assert (answer.status_code, len(answer.json())) == (200, 2)
    assert answer.headers["x-experience-api-version"] == "1.0.3"
    (row,) = await one_world.rows("completion")
    assert (row["person_id"], row["recorded_by_id"], row["recorded_via"]) == (TEACHER, CO, "import")
    entries = await one_world.rows("audit_entry")
    assert (entries[-1]["cause"], portal.relayed) == ("training report imported", 1)
    again = await send(portal, said(VICE, object={"id": "https://learn.example.org/knitting"}))
    assert again.status_code == 200
    assert await one_world.rows("audit_entry") == entries
    its = "00000000-0000-4000-8000-000000000007"
    assert (await send(portal, said(VICE), put=its)).status_code == 204
    assert its in [one["key"] for one in await one_world.rows("remembered")]
    assert not list(tmp_path.glob("tmp*"))


async def test_one_bad_statement_keeps_all_of_its_batch_out_and_is_named(
    one_world: World, tmp_path: Any
) -> None:
    both = {"mbox": f"mailto:{mail(VICE)}", "openid": "https://example.org/vice"}
    answer = await send(over(one_world, tmp_path), said(TEACHER), said(VICE, actor=both))
    assert answer.status_code == 400
    assert "line 2, column actor" in answer.json()["error"]
    assert await one_world.rows("completion") == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"auth": (mail(CO), "another secret")}, 401),
        ({"auth": (mail(PRINCIPAL), SECRET)}, 401),
        ({"headers": {"Authorization": "Bearer x"}}, 401),
        ({"headers": {"X-Experience-API-Version": "0.95"}}, 400),
        ({"headers": {"Content-Type": "multipart/mixed; boundary=x"}}, 415),
    ],
)
async def test_who_lacks_the_secret_or_speaks_otherwise_is_refused(
    one_world: World, tmp_path: Any, more: dict[str, Any], status: int
) -> None:
    if "Authorization" in more.get("headers", {}):
        async with over(one_world, tmp_path).browser(headers=more["headers"]) as store:
            answer = await store.post("/xapi/statements", json=[said(TEACHER)])
    else:
        answer = await send(over(one_world, tmp_path), said(TEACHER), **more)
    assert answer.status_code == status
    assert await one_world.rows("completion") == []


async def test_the_office_is_asked_of_the_person_and_without_settings_nothing_is_there(
    one_world: World, tmp_path: Any
) -> None:
    answer = await send(
        over(one_world, tmp_path, portal_xapi_as=mail(TEACHER)), said(TEACHER), auth=(mail(TEACHER), SECRET)
    )
    assert (answer.status_code, await one_world.rows("completion")) == (403, [])
    bare = Portal(one_world, Settings(data_dir=tmp_path))
    assert (await send(bare, said(TEACHER))).status_code == 404
    with pytest.raises(ValidationError, match="at least 24 characters"):
        Settings(portal_xapi_as=mail(CO), portal_xapi_secret=SecretStr("short"))
