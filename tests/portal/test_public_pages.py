"""What anybody sees: whether an account is the school's, however it is written, and nothing of any person."""

import csv
import io

import pytest

from policy.model import Policy
from policy.verifying import Listed, Register
from tests.portal.browser import Portal
from tests.support.stages import live
from tests.support.world import mail

OURS = Listed(
    "Instagram", "@lakeside.school", "https://www.instagram.com/lakeside.school", "17841400000000001",
    "Sample School 1", "school", "live", None, "lakeside.school", "instagram.com/lakeside.school",
)  # fmt: skip
PATHS = (
    "/verify",
    "/verify?q=@lakeside.school",
    "/api/v1/verify.json?q=lakeside.school",
    "/api/v1/accounts.json",
    "/api/v1/accounts.csv",
)


@pytest.mark.parametrize(
    ("asked", "found", "similar"),
    [
        ("@lakeside.school", True, False),
        ("  Lakeside.School ", True, False),
        ("＠ｌａｋｅｓｉｄｅ．ｓｃｈｏｏｌ", True, False),  # noqa: RUF001 - as a phone may write it
        ("https://www.instagram.com/lakeside.school/?hl=en&igsh=abc", True, False),
        ("m.instagram.com/Lakeside.School", True, False),
        ("17841400000000001", True, False),
        ("https://www.tiktok.com/@lakeside.school", False, True),
        ("https://instagram.com.evil.example.org/lakeside.school", False, False),
        ("lаkeside.school", False, True),  # noqa: RUF001 - its second letter is not a Latin one
        ("lakeside.school2", False, False),
        ("", False, False),
        ("%", False, False),
    ],
)  # fmt: skip
def test_an_account_is_found_however_it_is_written(
    policy: Policy, asked: str, found: bool, similar: bool
) -> None:
    answer = Register([OURS], policy.platforms).asked(asked)

    assert (bool(answer.found), bool(answer.similar)) == (found, similar)


async def test_the_public_reads_what_is_live_and_nobody_s_name(portal: Portal) -> None:
    async with portal.browser() as anybody:
        assert "is not on our list" in (await anybody.get(PATHS[1])).text
        await live(portal.world)
        portal.world.later(minutes=1)
        assert "Yes: @lakeside.school on Instagram is ours" in (await anybody.get(PATHS[1])).text
        people = await portal.world.rows("person")
        for path in PATHS:
            answer = await anybody.get(path)
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
            for person in people:
                for word in (
                    person["given_name"],
                    person["family_name"],
                    person["email"],
                    mail(person["id"]),
                ):
                    assert word not in answer.text
        table = list(
            csv.DictReader(io.StringIO((await anybody.get("/api/v1/accounts.csv")).text.lstrip("\ufeff")))
        )
        assert [(row["handle"], row["run_by"]) for row in table] == [("'@lakeside.school", "Sample School 1")]
        data = (await anybody.get("/api/v1/verify.json?q=@lakeside.school")).json()
        assert (data["answer"], data["accounts"][0]["state"]) == ("official", "live")


async def test_what_did_not_change_is_not_sent_again(portal: Portal) -> None:
    await live(portal.world)
    async with portal.browser() as anybody:
        for path in PATHS[2:]:
            first = await anybody.get(path)
            again = await anybody.get(path, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert first.headers["cache-control"] == "public, max-age=60"


async def test_markup_in_a_question_stays_words(portal: Portal) -> None:
    async with portal.browser() as anybody:
        page = await anybody.get("/verify", params={"q": "<script>alert(1)</script>\r\nSet-Cookie: a=b"})
    assert "<script" not in page.text
    assert "set-cookie" not in page.headers
