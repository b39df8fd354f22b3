"""Every page that is offered in French, over a store with something of everything: no word in English."""

from datetime import datetime
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode

from policy.model import load
from portal.fields import has_page
from schemas.language import LANGUAGES, SOURCE, speaking
from schemas.settings import ROOT, Settings
from tasks.acts.table import ACTS
from tasks.store import Store
from tests.boards.full_store import filled
from tests.portal.browser import Portal, was_recorded
from tests.support.world import World
from tests.texts.marked import corpus, english, marked, strings

AP151 = ROOT / "policy" / "ap151.toml"
PAGES = (
    *("/", "/away", "/sessions", "/contacts", "/incidents", "/month", "/queue", "/stops", "/year", "/acts"),
    *("/verify", "/verify?q=nothing", "/report", "/requests", "/requests/new", "/nowhere"),
    *(
        "/schools",
        "/accounts",
        "/done?act=check-in&key=k",
        "/ledger",
        "/audit",
        "/imports",
        "/policy",
        "/imports/roster",
        "/imports/training",
    ),
)
#: What a session says of its browser.
BROWSER = "Firefox on Android"
_SPOKEN = "aria-label", "alt", "title", "placeholder"


def shown(page: str) -> str:
    """What people read on a page, and what aids read aloud."""
    tree = HTMLParser(page)
    aloud = [
        value for one in tree.css("*") for name in _SPOKEN if (value := one.attributes.get(name)) is not None
    ]
    title = tree.css_first("title")
    body = tree.css_first("body")
    assert title is not None
    assert body is not None
    return "\n".join([title.text(), body.text(separator="\n"), *aloud])


def unmarked(page: str, filed: frozenset[str]) -> set[str]:
    """The policy's own words that stand on a French page as if they were French."""
    found = set()
    for one in HTMLParser(page).css("main *"):
        own = " ".join((one.text(deep=False) or "").split())
        if own not in filed:
            continue
        up: LexborNode | None = one
        while up is not None and up.attributes.get("lang") is None:
            up = up.parent
        if up is None or up.attributes["lang"] != SOURCE:
            found.add(own)
    return found


async def test_no_page_has_a_word_of_ours_in_english(
    sqlite_store: Store, now: datetime, tmp_path: Path
) -> None:
    policy = load(AP151)
    await filled(sqlite_store, policy, now)
    world = World(sqlite_store, policy, now)
    portal = Portal(world, Settings(data_dir=tmp_path, policy_file=AP151))
    roles = await world.rows("role")
    keeper = next(row["person_id"] for row in roles if row["kind"] == policy.duties.keeps_policy)
    await was_recorded(world, keeper, "check-in", "k")
    paths: list[tuple[int, str]] = [(keeper, path) for path in PAGES]
    head = next(row["person_id"] for row in roles if row["kind"] == policy.duties.runs_school)
    paths += [(head, "/"), (head, "/month"), (head, "/schools/1")]
    for row in await world.rows("account_request"):
        paths.append((row["requester_id"], f"/requests/{row['id']}"))
    paths += [(keeper, f"/queue?open={row['id']}") for row in await world.rows("action_item")]
    paths += [(row["person_id"] or keeper, f"/steps/{row['id']}") for row in await world.rows("action_item")]
    paths += [(keeper, f"/accounts/{row['id']}") for row in await world.rows("account")]
    paths += [(keeper, f"/acts/{name}") for name in ACTS if has_page(name)]
    known = await _known(world)
    known += "\n".join(["", *(one.lower() for one in LANGUAGES.values()), BROWSER.lower()])
    filed = frozenset(" ".join(one.split()) for one in strings(policy)) - {policy.organization.name}
    filed = frozenset(one for one in filed if any(letter.isalpha() for letter in one))
    filed -= {one for row in await world.rows("account") for one in strings(dict(row))}
    wrong: dict[str, list[str]] = {}
    with marked(tmp_path):
        for person, path in paths:
            async with portal.as_person(person) as browser:
                answer = await browser.get(path, headers={"Accept-Language": "fr"})
            if answer.status_code == 303:
                continue
            if left := [*english(shown(answer.text), known), *sorted(unmarked(answer.text, filed))]:
                wrong[path] = left
        async with portal.browser() as browser:
            for path in ("/sign-in", "/sign-in/mail", "/verify", "/report"):
                answer = await browser.get(path, headers={"Accept-Language": "fr"})
                if left := english(shown(answer.text), known):
                    wrong[path] = left
    assert wrong == {}


async def _known(world: World) -> str:
    """What the policy says and the store holds, and what people and accounts are called."""
    tables = (
        "person",
        "school",
        "account",
        "account_request",
        "incident",
        "enquiry",
        "correction",
        "suspension",
    )
    rows = [await world.rows(table) for table in tables]
    people, accounts = rows[0], rows[2:4]
    called = []
    for language in LANGUAGES:
        with speaking(language):
            called += [
                world.policy.says_account(row["platform"], row["handle"]) for one in accounts for row in one
            ]
    names = [f"{row['given_name']} {row['family_name']}" for row in people]
    return corpus(world.policy, [dict(row) for one in rows for row in one], called, names)
