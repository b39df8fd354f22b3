"""Files by upload: the difference first, bound to the file's own bytes, and what is wrong row by row."""

import hashlib
import os
import re
import stat
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import update

from portal import guard, uploads
from portal.asking import MADE_FOR
from schemas.columns import table_of
from schemas.people import Person
from tests.inventory.lists import listed
from tests.portal.browser import Browser, Portal, hidden
from tests.roster.roster_bundles import bundle11, user11
from tests.support.stages import live
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, SUPER, TEACHER, mail
from tests.training.training_people import report

GOOD = report(
    ("Given Sample", mail(TEACHER), "2026-09-14 13:05:09"),
    ("A Stranger", "no@example.org", "2026-09-14 13:05:09"),
)
BAD = report(
    ("Given Sample", mail(TEACHER), "2026-09-14 13:05:09"), ("Bad Day", mail(SUPER), "2026-13-45 13:05:09")
)


async def bring(
    browser: Browser,
    kind: str,
    files: Mapping[str, bytes] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Any:
    """Send the form with its files, or again without."""
    sent = [("file", (name, content, "text/csv")) for name, content in (files or {}).items()]
    return await browser.send_form(f"/imports/{kind}", typed, files=sent or None)


async def test_a_long_name_in_letters_of_several_bytes_is_kept_by_its_end(portal: Portal) -> None:
    async with portal.as_person(CO) as browser:
        shown = await bring(browser, "training", {"ᐃᓕᓐᓂᐊᕐᕕᒃ" * 20 + ".csv": GOOD})
    assert shown.status_code == 200, shown.text
    assert "ᕕᒃ.csv" in shown.text


async def test_what_was_looked_at_is_taken_in_and_once(portal: Portal) -> None:
    async with portal.as_person(CO) as browser, portal.as_person(SUPER) as other:
        shown = await bring(browser, "training", {"../../report.csv": GOOD})
        assert shown.status_code == 200, shown.text
        for said in (
            "report.csv",
            "New completions (1)",
            f"Line 2: Given Sample, {mail(TEACHER)}, 2026-09-14",
        ):
            assert said in shown.text
        assert "Line 3: A Stranger, no@example.org, 2026-09-14" in shown.text
        assert await portal.world.rows("completion") == []
        kept = hidden(shown.text)
        assert kept["sha256"] == hashlib.sha256(GOOD).hexdigest()
        stolen = await bring(other, "training", None, {**kept, "confirmed": "1"})
        assert (stolen.status_code, await portal.world.rows("completion")) == (400, [])
        done = await bring(browser, "training", None, {**kept, "confirmed": "1"})
        assert done.status_code == 303
        assert "1 new completion, 1 row that fit nobody" in (await browser.get(done.headers["location"])).text
        portal.app.state.ground._said.clear()  # as in another process
        assert "Taken in" in (await browser.get(done.headers["location"])).text
        again = await bring(browser, "training", None, {**kept, "confirmed": "1"})
        assert again.status_code == 303
        assert "Taken in" in (await browser.get(again.headers["location"])).text
    assert [row["person_id"] for row in await portal.world.rows("completion")] == [TEACHER]
    entry = next(
        row for row in await portal.world.rows("audit_entry") if row["cause"] == "training report imported"
    )
    assert (entry["actor_id"], entry["via"]) == (CO, "import")
    assert entry["body"]["session"]
    assert portal.relayed == 1


async def test_what_nobody_looked_at_is_looked_at_first(portal: Portal) -> None:
    async with portal.as_person(CO) as browser:
        kept = hidden((await bring(browser, "training", {"report.csv": GOOD})).text)
        for typed in ({"confirmed": "1"}, {**kept, "confirmed": "1"}):
            shown = await bring(browser, "training", {"report.csv": GOOD + b"\n"}, typed)
            assert "what it would change" in shown.text
    assert await portal.world.rows("completion") == []


async def test_bytes_that_changed_since_are_not_taken_in(portal: Portal) -> None:
    async with portal.as_person(CO) as browser:
        kept = hidden((await bring(browser, "training", {"report.csv": GOOD})).text)
        found = uploads.find(portal.settings, CO, kept["sha256"])
        assert found is not None
        found.path.write_bytes(BAD)
        assert "choose it again" in (await bring(browser, "training", None, {**kept, "confirmed": "1"})).text
    assert await portal.world.rows("completion") == []


async def test_bad_rows_are_named_and_may_be_left_out(portal: Portal) -> None:
    async with portal.as_person(CO) as browser, portal.as_person(SUPER) as other:
        wrong = await bring(browser, "training", {"report.csv": BAD})
        assert wrong.status_code == 400
        for said in ("1 value can", "report.csv, line&nbsp;3", "2026-13-45 13:05:09"):
            assert said in wrong.text
        shown = await bring(browser, "training", None, {**hidden(wrong.text), "leave_out": "yes"})
        assert "1 left out, to be mended" in shown.text
        done = await bring(browser, "training", None, {**hidden(shown.text), "confirmed": "1"})
        sha256 = hashlib.sha256(BAD).hexdigest()
        assert f"/imports/to-mend/{sha256}" in (await browser.get(done.headers["location"])).text
        mend = await browser.get(f"/imports/to-mend/{sha256}")
        assert (mend.status_code, mend.headers["cache-control"]) == (200, "no-store")
        assert "Bad Day" in mend.text
        assert "Given Sample" not in mend.text
        for path in (
            f"/imports/to-mend/{sha256}",
            "/imports/to-mend/..%2f..",
            f"/imports/to-mend/{'0' * 64}",
        ):
            assert (await other.get(path)).status_code in {403, 404}
    assert [row["person_id"] for row in await portal.world.rows("completion")] == [TEACHER]


async def test_a_roster_beyond_its_brake_is_looked_at_and_needs_a_fresh_sign_in(portal: Portal) -> None:
    others = bundle11(*(user11(number) for number in range(10, 20)))
    async with portal.as_person(CO) as browser:
        shown = await bring(browser, "roster", others)
        for said in ("Beyond the brake", "New people (10)", "Given2 Sample2"):
            assert said in shown.text
        typed = {**hidden(shown.text), "confirmed": "1"}
        refused = await bring(browser, "roster", None, {**typed})
        assert refused.status_code == 400
        portal.world.later(minutes=16)
        asked = await bring(browser, "roster", None, {**typed, "allow_mass_deactivation": "true"})
        assert (asked.status_code, hidden(asked.text)["sha256"]) == (401, typed["sha256"])
    async with portal.as_person(CO) as browser:
        again = await bring(browser, "roster", None, {**hidden(asked.text)})
        assert "Beyond the brake" not in again.text
        assert {row["id"] for row in await portal.world.rows("person")} == set(range(1, 8))
        done = await bring(browser, "roster", None, {**hidden(again.text), "confirmed": "1"})
        assert done.status_code == 303
    assert sum(row["leaves_on"] is not None for row in await portal.world.rows("person")) > 5


async def test_a_roster_shows_what_is_new_and_lost_first_and_once_and_folds_the_rest(portal: Portal) -> None:
    await live(portal.world)
    async with portal.as_person(CO) as browser:
        shown = (await bring(browser, "roster", bundle11(*(user11(number) for number in range(10, 20))))).text
    places = [
        shown.index(one) for one in ("New people (10)", "Who would lose what", "<details", "Given2 Sample2")
    ]
    assert places == sorted(places)
    lost = shown.split("Who would lose what")[1].split("</section>")[0]
    assert lost.count("@lakeside.school on Instagram") == 1
    assert lost.count("; ") >= 1, "all that it would lack, in one line"
    assert not re.search(r"\d{4}-\d\d-\d\d", lost)


async def test_a_whole_folder_is_brought_at_once(portal: Portal) -> None:
    files = {**bundle11(user11(1)), **{f"other{number}.csv": b"sourcedId\n" for number in range(12)}}
    async with portal.as_person(CO) as browser:
        shown = await bring(browser, "roster", files)
    assert shown.status_code == 200, shown.text
    assert "other11.csv" in shown.text


async def test_accounts_are_shown_line_by_line(portal: Portal) -> None:
    row = {
        "School": "Sample School 1",
        "Administrators": mail(TEACHER),
        "State": "preparing",
        "Live since": "",
    }
    async with portal.as_person(CO) as browser:
        shown = await bring(browser, "accounts", {"accounts.csv": listed(row)})
    assert "Line 2: @account0 on instagram" in shown.text.replace("Instagram", "instagram"), shown.text


@pytest.mark.parametrize(("person", "status"), [(TEACHER, 403), (OTHER_PRINCIPAL, 403), (None, 401)])
async def test_nobody_else_s_file_is_read(portal: Portal, person: int | None, status: int) -> None:
    async with portal.as_person(person) if person else portal.browser() as browser:
        answer = await bring(browser, "training", {"report.csv": GOOD})
        assert answer.status_code == status
        assert (await browser.get("/imports")).status_code in {303, 403}
    assert not (portal.settings.data_dir / "uploads").exists()


@pytest.mark.filterwarnings("ignore:Unclosed file")  # what the reader of forms had begun to keep
async def test_a_file_that_was_cut_off_or_is_too_large_is_not_kept(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nName,Em'
    async with portal.as_person(CO) as browser:
        whose = f'--x\r\nContent-Disposition: form-data; name="{MADE_FOR}"\r\n\r\n{browser.mark}\r\n'
        cut = await browser.post(
            "/imports/training",
            content=(whose + head).encode(),
            headers={"Sec-Fetch-Site": "same-origin", "Content-Type": "multipart/form-data; boundary=x"},
        )
        cut = await browser.get(cut.headers["location"])
        assert cut.status_code == 400
        assert "Nothing was kept" in cut.text
        monkeypatch.setattr(guard, "_MOST_UPLOADED", 100)
        large = await bring(browser, "training", {"report.csv": GOOD})
        assert large.status_code == 413
        nothing: Sequence[Any] = list((portal.settings.data_dir / "uploads").glob("*/*"))
        assert nothing == []


async def test_files_go_after_their_hour_although_nobody_brings_another(portal: Portal) -> None:
    async with portal.as_person(CO) as browser:
        kept = hidden((await bring(browser, "training", {"report.csv": GOOD})).text)
        folder = portal.settings.data_dir / "uploads" / str(CO) / kept["sha256"]
        assert stat.S_IMODE(folder.parent.parent.stat().st_mode) == 0o700
        uploads.sweep(portal.settings)
        assert folder.exists()
        long_ago = folder.stat().st_mtime - uploads.KEPT_FOR.total_seconds() - 1
        os.utime(folder, (long_ago, long_ago))
        uploads.sweep(portal.settings)
        assert not folder.exists()
        assert "choose it again" in (await bring(browser, "training", None, kept)).text


async def test_strangers_of_one_domain_are_settled_at_once_from_the_queue(portal: Portal) -> None:
    day = "2026-09-14 13:05:09"
    strangers = [(f"Student {number}", f"s{number}@students.example.org", day) for number in range(10)]
    async with portal.as_person(CO) as browser:
        shown = await bring(browser, "training", {"report.csv": report(*strangers)})
        await bring(browser, "training", None, {**hidden(shown.text), "confirmed": "1"})
        assert "10 people of students.example.org" in (await browser.get("/queue")).text
        typed = {
            "domain": "students.example.org",
            "ignore": "They are students.",
            "confirmed": "1",
            "key": "all",
        }
        assert (await browser.send_form("/acts/settle-a-mail-domain", typed)).status_code == 303
        assert "students.example.org" not in (await browser.get("/queue")).text


async def test_a_file_with_a_password_in_it_is_not_kept(portal: Portal) -> None:
    content = listed(
        {"Handle": "@lakeside", "Purpose": "the password is Winter2026!"},
        {"Vault reference": "Winter2026!"},
        {},
    )
    async with portal.as_person(CO) as browser:
        for given in ({}, {"leave_out": "yes"}):
            refused = await bring(browser, "accounts", {"accounts.csv": content}, given)
            assert refused.status_code == 400
            assert "looks like a password" in refused.text
            assert "and the file is not kept here" in refused.text
            assert "sha256" not in refused.text
            shown = hashlib.sha256(content).hexdigest()
            assert uploads.find(portal.settings, CO, shown) is None
            for one in (portal.settings.shared_dir / "uploads").rglob("*"):
                assert not one.is_file() or b"Winter2026" not in one.read_bytes()


async def test_what_changed_since_it_was_looked_at_is_looked_at_again(portal: Portal) -> None:
    """The stranger of the report is somebody here by now: it would record more than what was shown."""
    async with portal.as_person(CO) as browser:
        kept = hidden((await bring(browser, "training", {"report.csv": GOOD})).text)
        async with portal.world.store.write() as session:
            stranger = update(table_of(Person)).where(table_of(Person).c.id == DEPUTY)
            await session.run(stranger.values(email="no@example.org"))
        shown = await bring(browser, "training", None, {**kept, "confirmed": "1"})
        assert "Not taken in yet" in shown.text
        assert "New completions (2)" in shown.text
        assert await portal.world.rows("completion") == []
        done = await bring(browser, "training", None, {**hidden(shown.text), "confirmed": "1"})
        assert done.status_code == 303
    assert len(await portal.world.rows("completion")) == 2
