"""A round over many pages on real servers: concurrent, polite, and no host holds up the rest (8)."""

import asyncio
from collections import defaultdict
from dataclasses import replace

import pytest

from policy.model import Policy
from policy.model.pages import Politeness
from schemas.errors import StoreUnavailable
from schemas.words import PageVerdict
from tasks.pages import PageLook, look_at
from tasks.pages.port import Refusal
from tasks.pages.rounds import RoundReport, Target, look_round, may_pass
from tests.support.page_site import CARRIED, LIMITS, NOTICE, NOW, Site, answer, serving

POLITE = Politeness(
    hosts_at_once=3,
    seconds_between=2,
    tries=3,
    retry_first_seconds=4,
    wait_at_most_seconds=60,
    failures_in_a_row=2,
)


class Walk:
    """A round whose waits are written down instead of waited for."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.kept: dict[int, PageLook] = {}
        self.at_once: dict[str, int] = defaultdict(int)
        self.most: dict[str, int] = defaultdict(int)
        self.hosts = self.most_hosts = 0

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def keep(self, target: Target, seen: PageLook) -> str:
        self.kept[target.account_id] = seen
        return str(seen.verdict)

    async def go(self, site: Site, *pages: tuple[str, str], polite: Politeness = POLITE) -> RoundReport:
        """A round over these hosts and paths of the site; every host's name leads to it."""

        async def resolve(_host: str, _port: int) -> list[str]:
            return ["127.0.0.1"]

        allow = frozenset(f"{host}:{site.port}" for host in {"127.0.0.1", *(host for host, _ in pages)})

        async def look(target: Target) -> PageLook:
            self.at_once[target.host] += 1
            self.most[target.host] = max(self.most[target.host], self.at_once[target.host])
            self.most_hosts = max(self.most_hosts, sum(map(bool, self.at_once.values())))
            try:
                return await look_at(
                    target.address,
                    notice=NOTICE,
                    notice_address=None,
                    limits=LIMITS,
                    now=NOW,
                    resolve=resolve,
                    allow=allow,
                )
            finally:
                self.at_once[target.host] -= 1

        targets = [Target(number, site.at(path, host), None) for number, (host, path) in enumerate(pages, 1)]
        return await look_round(
            targets, look=look, keep=self.keep, politeness=polite, pause=self.pause, chance=lambda: 0.0
        )


async def test_one_page_of_a_host_at_a_time_and_several_hosts_at_once() -> None:
    async with serving() as site:
        together, arrived = asyncio.Event(), 0

        async def waits(writer: asyncio.StreamWriter) -> None:
            nonlocal arrived
            arrived += 1
            if arrived == 3:
                together.set()
            await together.wait()  # three hosts are fetched at once, or this never ends
            writer.write(answer(CARRIED))

        site.pages["/"] = waits
        hosts = [f"school{number}.test" for number in range(3)]
        walk = Walk()
        report = await walk.go(site, *[(host, "/") for host in hosts for _ in range(2)])
    assert dict(report.verdicts) == {"exact": 6}
    assert set(walk.most.values()) == {1}
    assert walk.most_hosts == 3
    assert walk.waits == [2.0] * 3, "between two pages of one host"


async def test_a_host_that_does_not_answer_is_left_alone_and_the_others_are_not() -> None:
    async with serving() as site:
        site.pages |= {"/ok": answer(CARRIED), "/busy": answer("Busy", status="503 Service Unavailable")}
        walk = Walk()
        away = [("away.test", "/busy")] * 5
        report = await walk.go(site, *away, ("fine.test", "/ok"), ("other.test", "/ok"))
    assert dict(report.verdicts) == {"exact": 2, "unreachable": 2}
    assert (report.put_off, report.hosts_given_up) == (3, 1)
    assert sum("GET /busy " in asked for asked in site.asked) == 2 * POLITE.tries
    assert sorted(walk.waits) == [2.0, 4.0, 4.0, 8.0, 8.0]
    assert {6, 7} <= set(walk.kept), "put off is not recorded: it stays due"
    assert 3 not in walk.kept


@pytest.mark.parametrize(
    ("asked", "waits"), [("Retry-After: 7", [7.0, 8.0]), ("Retry-After: nonsense", [4.0, 8.0])]
)
async def test_it_waits_as_long_as_the_server_asks(asked: str, waits: list[float]) -> None:
    async with serving() as site:
        site.pages["/"] = answer("", asked, status="429 Too Many Requests")
        walk = Walk()
        report = await walk.go(site, ("busy.test", "/"))
    assert walk.waits == waits
    assert dict(report.verdicts) == {"unreachable": 1}


async def test_a_server_that_asks_for_an_hour_is_left_until_the_next_round() -> None:
    async with serving() as site:
        late = "Retry-After: Tue, 20 Oct 2026 17:00:00 GMT"
        site.pages["/"] = answer(
            "", late, "Date: Tue, 20 Oct 2026 16:00:00 GMT", status="503 Service Unavailable"
        )
        walk = Walk()
        report = await walk.go(site, ("busy.test", "/"), ("busy.test", "/"))
    assert (walk.waits, walk.kept) == ([], {})
    assert report.put_off == 2


async def test_what_mends_itself_between_two_tries_is_seen() -> None:
    async with serving() as site:

        async def once(writer: asyncio.StreamWriter) -> None:
            site.pages["/"] = answer(CARRIED)
            writer.close()

        site.pages["/"] = once
        walk = Walk()
        report = await walk.go(site, ("school.test", "/"))
    assert dict(report.verdicts) == {"exact": 1}
    assert walk.waits == [4.0]


def test_only_what_may_pass_is_tried_again() -> None:
    seen = PageLook(PageVerdict.UNREACHABLE, NOW, NOTICE.version, "")
    assert not may_pass(replace(seen, refusal=Refusal.SIGN_IN, http_status=403))
    assert not may_pass(replace(seen, refusal=Refusal.STATUS, http_status=404))
    assert may_pass(replace(seen, refusal=Refusal.STATUS, http_status=503))
    assert may_pass(replace(seen, refusal=Refusal.TOO_SLOW))


def test_the_shipped_policy_is_polite(policy: Policy) -> None:
    assert policy.pages.politeness.seconds_between >= 1


async def test_a_store_that_is_away_is_one_sentence_however_many_hosts_are_at_work() -> None:
    all_seen, begun = asyncio.Event(), 0

    async def look(target: Target) -> PageLook:
        nonlocal begun
        begun += 1
        if begun == 3:
            all_seen.set()
        await all_seen.wait()  # each host has something to keep at the same moment
        return PageLook(PageVerdict.EXACT, NOW, NOTICE.version, target.address)

    async def keep(_target: Target, _seen: PageLook) -> str:
        raise StoreUnavailable("The store does not answer.")

    targets = [Target(number, f"https://school{number}.test/", None) for number in range(3)]
    with pytest.raises(StoreUnavailable, match="does not answer"):
        await look_round(targets, look=look, keep=keep, politeness=POLITE)
