"""Every page that there is, each with who opens it: over a store with something of everything in it.

What is walked is held against the application's own routes and templates, so that no page can be left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlmodel import select
from starlette.routing import Match, Route

from portal.fields import has_page
from portal.imports import KINDS
from schemas.accounts import Account, AccountRequest
from schemas.columns import table_of
from schemas.machinery import ActionItem
from schemas.settings import ROOT
from schemas.words import ItemKind
from tasks.acts.table import ACTS
from tests.boards.full_store import filled, mail
from tests.clauses.driving import acted
from tests.portal.browser import Portal, was_recorded
from tests.support.world import World
from tests.training.training_people import report

AP151 = ROOT / "policy" / "ap151.toml"
ASK = "/acts/ask-for-an-account"
#: The two live accounts of the first level.
LIVE = (3, 5)
#: Answers that nobody reads in a browser, and addresses that only lead on.
NO_PAGES = frozenset(
    {
        *("/healthz", "/readyz", "/ledger.csv", "/audit.csv", "/policy/text", "/imports/to-mend/{sha256}"),
        *("/api/v1/verify.json", "/api/v1/accounts.json", "/api/v1/accounts.csv", "/api/v1/changes.atom"),
        *("/api/v1/badge.svg", "/.well-known/official-accounts.json", "/requests/new"),
        *("/sign-in/with/{way}/back", "/sample-provider/.well-known/openid-configuration"),
        *("/sample-provider/keys", "/xapi/about"),
    }
)


@dataclass(frozen=True)
class Visit:
    """One page: its address, or what is sent to it. `status`: what it answers with."""

    person: int | None
    path: str
    status: int = 200
    typed: Mapping[str, Any] | None = None
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For a picture's file."""
        sent = "-sent" if self.typed is not None else ""
        return f"{self.person or 'nobody'}{self.path[:60]}{sent}-{self.status}".translate(
            {ord(one): "-" for one in "/?&=%:{}"}
        )


def route_of(portal: Portal, path: str) -> str:
    """The pattern of the application's own that answers an address."""
    scope = {"type": "http", "method": "GET", "path": path.partition("?")[0], "root_path": "", "headers": []}
    for one in portal.app.routes:
        if isinstance(one, Route) and one.matches(scope)[0] != Match.NONE:
            return one.path
    return ""


def patterns(portal: Portal) -> set[str]:
    """Every address that is a page."""
    routes = [one for one in portal.app.routes if isinstance(one, Route)]
    return {one.path for one in routes if "GET" in (one.methods or ())} - NO_PAGES


async def filled_for_eyes(world: World) -> None:
    """Something of everything, with words as long as people write them, and two stopped accounts."""
    await filled(world.store, world.policy, world.now)
    account = table_of(Account)
    long = {
        "purpose": "News of the school for its families, its neighbours, and all others who like to read.",
        "address": "https://www.example.org/a/very/long/address/that-nobody-types?but=copied&as=it-stands",
    }
    async with world.store.write(audited=False) as session:
        await session.run(update(account).where(account.c.id == LIVE[0]).values(**long))
    await another_request(world)
    stopped = {"accounts": list(LIVE), "reason": "A picture of a student was shown without a word from home."}
    await acted(world, "stop-accounts", 1, **stopped)


async def another_request(world: World) -> None:
    """A second one that waits for the same office: then several are decided at once."""
    async with world.store.read() as session:
        asked = (await session.exec(select(AccountRequest).where(AccountRequest.id == 3))).one()
        wanted = ActionItem.kind == ItemKind.DECIDE_REQUEST, ActionItem.subject_id == asked.id
        item = (await session.exec(select(ActionItem).where(*wanted))).one()
    another = AccountRequest(**asked.model_dump() | {"id": 50, "handle": "asked.again"})
    await world.put(another, ActionItem(**item.model_dump() | {"id": None, "key": "again", "subject_id": 50}))


async def visits(portal: Portal) -> list[Visit]:
    """All of them: reading, and what forms answer with."""
    world = portal.world
    policy = world.policy
    roles = await world.rows("role")
    holds = {row["kind"]: row["person_id"] for row in reversed(roles)}
    keeper, head = holds[policy.duties.keeps_policy], holds[policy.duties.runs_school]
    await was_recorded(world, keeper, "close-an-account", "abc")
    items = await world.rows("action_item")
    steps = [(row["id"], row["person_id"] or holds[row["role"]]) for row in items if row["state"] == "open"]
    teacher = next(person for _, person in steps if person != keeper)
    shared = (await world.rows("contact_report"))[0]
    accounts = [row["id"] for row in await world.rows("account")]
    good = report(("Given Sample", mail(teacher), "2026-09-14 13:05:09")).decode()
    strange = report(("A Stranger", "no@example.org", "2026-13-45 13:05:09")).decode()
    changed = AP151.read_text().replace('id = "AP 151"', 'id = "AP 151 (changed)"', 1)
    slipping = changed.replace("every_days = 365\nafter_loss", "every_days = 30\nafter_loss")
    close = {"account": 3, "reason": "It is not used any more."}
    wish = {"level": "school", "platform": "Instagram", "handle": "@wished.for", "school": "Sample School 1"}
    nobody = [
        Visit(None, one)
        for one in (
            *("/sign-in", "/sign-in/mail", "/sign-in/mail/link?link=abc", "/sign-in/with/sample", "/report"),
            *("/verify", "/verify?q=sample.3", "/verify?q=nothing", "/report?thanks=1"),
        )
    ]
    return [
        *nobody,
        Visit(None, "/nowhere", 404),
        Visit(None, "/acts/close-an-account", 401, typed=close),
        Visit(None, "/sign-in/mail/code", 400, typed={"code": "000000"}),
        Visit(None, "/report", 400, typed={"what": "page", "address": "", "says": ""}),
        *(Visit(person, f"/steps/{item}") for item, person in steps),
        *(
            Visit(teacher, one)
            for one in ("/", "/requests", "/requests/2", "/away", "/sessions", "/signed-in")
        ),
        Visit(teacher, "/incidents"),
        Visit(teacher, "/steps/999999", 404),
        Visit(teacher, "/queue", 403),
        *(Visit(shared["shared_with_id"], one) for one in ("/contacts", f"/contacts/{shared['id']}")),
        Visit(shared["shared_with_id"], f"/contacts/{shared['id']}", typed={}),
        Visit(teacher, "/incidents/1"),
        *(Visit(head, one) for one in ("/", "/month", "/schools/1")),
        *(Visit(keeper, f"/accounts/{one}") for one in accounts[:5]),
        *(
            Visit(keeper, one)
            for one in (
                *(
                    "/",
                    "/queue",
                    "/schools",
                    "/accounts",
                    "/queue?school=1",
                    "/stops",
                    "/year",
                    "/ledger",
                    "/audit",
                    "/policy",
                ),
                "/acts",
                *("/imports", *(f"/imports/{kind}" for kind in KINDS), "/decide/3", "/away", "/incidents"),
                f"/queue?open={next(item for item, person in steps if person == keeper)}",
            )
        ),
        Visit(keeper, "/done?act=close-an-account&kind=account&number=3&key=abc&back=/"),
        Visit(keeper, "/audit", typed={}),
        Visit(keeper, "/queue/decide", typed={"requests": ["3/1"], "verdict": "approve", "reason": "Fits."}),
        Visit(keeper, "/acts/close-an-account", typed=close),
        Visit(keeper, "/acts/close-an-account", 400, typed={**close, "reason": ""}),
        Visit(keeper, "/decide/3", 400, typed={"verdict": "approve", "reason": ""}),
        Visit(keeper, "/imports/training", typed={}, files={"report.csv": good}),
        Visit(keeper, "/imports/training", 400, typed={}, files={"report.csv": strange}),
        Visit(keeper, "/policy", typed={}, files={"changed.toml": changed}),
        Visit(keeper, "/policy", typed={}, files={"slipping.toml": slipping}),
        *(Visit(keeper, f"/acts/{name}") for name in ACTS if has_page(name)),
        *(Visit(teacher, ASK, typed={**wish, "to": str(one)}) for one in range(2, 6)),
        Visit(teacher, ASK, 400, typed={**wish, "page": "2", "handle": "@"}),
        Visit(teacher, ASK, typed={**wish, "page": "5"}),
        Visit(teacher, ASK, 400, typed={**wish, "page": "5", "handle": "@", "school": "Nowhere"}),
        Visit(teacher, "/"),  # with what was begun
    ]
