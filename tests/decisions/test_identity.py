"""Who is the same: one account however it is written, and what only looks the same."""

from typing import Any

import pytest

from policy.identity import (
    NoHandle,
    handle_key,
    handle_of,
    is_written_as_one,
    looks,
    named,
    near_address,
    one_line,
    page_key,
    platform_key,
)
from policy.model import Policy
from schemas.words import ChannelKind

SPELLINGS = (
    "@LakesideSchool",
    "lakesideschool",
    " LAKESIDESCHOOL ",
    "@LakesideSchool\u200b",
    "\u2060@Lakeside\u00adSchool",
    "＠ＬａｋｅｓｉｄｅＳｃｈｏｏｌ",  # noqa: RUF001 - full-width
    "LakesideSchool.",
    "https://twitter.com/LakesideSchool",
    "x.com/lakesideschool/",
    "https://mobile.x.com/@LakesideSchool?s=21",
    "@LakesideSchool?s=21",
    "%40LakesideSchool",
    "http://x.com:80/LakesideSchool/status/17",
)
PAGES = (
    "https://x.com/LakesideSchool",
    "http://www.twitter.com/lakesideschool/",
    "https://mobile.twitter.com/LakesideSchool?s=21",
    "https://fr.x.com/LakesideSchool?lang=fr#top",
    "X.com/@LakesideSchool.",
    "https://x.com./Lakeside%53chool?utm_source=letter&t=9",
)


@pytest.mark.parametrize("written", SPELLINGS)
def test_ten_spellings_are_one_handle(policy: Policy, written: str) -> None:
    assert handle_key(handle_of(written, policy.platform("X"))) == "lakesideschool"


@pytest.mark.parametrize("written", PAGES)
def test_one_page_has_one_key(policy: Policy, written: str) -> None:
    assert page_key(written, policy.platform("X")) == "x.com/lakesideschool"


@pytest.mark.parametrize(
    ("platform", "one", "other"),
    [
        ("YouTube", "https://youtube.com/user/madeup?hl=en", "https://m.youtube.com/user/madeup"),
        ("Facebook", "https://www.facebook.com/profile.php?id=12&ref=x", "facebook.com/profile.php?id=12"),
        ("Facebook", "https://fr-ca.facebook.com/madeup", "https://www.facebook.com/madeup/"),
        ("website or blog", "https://www.example.org/a?utm_medium=mail", "http://example.org/a/"),
    ],
)
def test_mobile_and_language_forms_are_the_same_page(
    policy: Policy, platform: str, one: str, other: str
) -> None:
    its = policy.platform(platform)
    assert page_key(one, its) == page_key(other, its) is not None


@pytest.mark.parametrize(
    ("platform", "one", "other"),
    [
        ("Facebook", "https://www.facebook.com/profile.php?id=12", "https://facebook.com/profile.php?id=13"),
        ("website or blog", "https://example.org/a?page=1", "https://example.org/a?page=2"),
        ("website or blog", "https://north.example.org", "https://south.example.org"),
        ("X", "https://x.com/lakeside", "https://x.com/lakeside2"),
    ],
)
def test_other_pages_have_other_keys(policy: Policy, platform: str, one: str, other: str) -> None:
    its = policy.platform(platform)
    assert page_key(one, its) != page_key(other, its)


@pytest.mark.parametrize(
    ("address", "more"),
    [
        (None, {}),
        ("no address", {}),
        ("https://x.com/", {}),
        ("https://app.example.org/us", {"channel": ChannelKind.MESSAGING}),
    ],
)
def test_what_many_share_is_no_page_of_one(policy: Policy, address: str | None, more: Any) -> None:
    assert page_key(address, policy.platform("X"), **more) is None


def test_look_alikes_have_other_keys_and_the_same_looks() -> None:
    cyrillic = handle_key("@Lаkesidе")  # noqa: RUF001 - two letters of it are Cyrillic
    assert cyrillic != "lakeside"
    assert looks(cyrillic) == looks("lakeside")
    assert looks("lakeside2") != looks("lakeside")


def test_a_platform_is_found_by_its_other_names(policy: Policy) -> None:
    for word in ("X", "x", "Twitter", " twitter\u200b "):
        found = named(policy.platforms, word)
        assert found is not None
        assert found.name == "X"
    assert named(policy.platforms, "Flickr") is None


@pytest.mark.parametrize(
    ("handle", "platform", "is_one"),
    [
        ("lakeside.school", "Instagram", True),
        ("@lakeside.school", "Instagram", True),
        ("lakeside school", "Instagram", False),
        ("lakeside\tschool", "Instagram", False),
        ("lakeside\u00a0school", "LinkedIn", False),
        ("Lakeside School", "website or blog", True),  # the policy's sample has a space
        ("Lakeside\x07School", "website or blog", False),
        ("lakeside school", None, False),  # a platform that the policy has no more
    ],
)
def test_a_handle_has_a_space_only_where_the_policy_s_sample_has(
    policy: Policy, handle: str, platform: str | None, is_one: bool
) -> None:
    assert is_written_as_one(handle, policy.platform(platform) if platform else None) is is_one


def test_white_space_is_white_space_and_a_platforms_id_has_no_case() -> None:
    assert one_line("Made-up\u00a0Nuclear \u200bSchool\n") == "Made-up Nuclear School"
    assert platform_key(" UC12 ") == platform_key("uc12")
    assert platform_key("") is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("robin.samble@example.org", "robin.sample@example.org"),
        ("Robin.Sample@exmaple.org", "robin.sample@example.org"),
        ("robin.sample@elsewhere.test", ""),
        ("kim@example.org", ""),
        ("person1@example.org", ""),
        ("person12@example.org", ""),
    ],
)
def test_the_nearest_address_is_of_a_name_that_is_near(said: str, meant: str) -> None:
    """All addresses of one domain look alike, and the next number is somebody else."""
    assert near_address(said, ["robin.sample@example.org", "lee@example.org", "person2@example.org"]) == meant


@pytest.mark.parametrize(
    "written", ["lakeside.schooI", "1akeside.school", "lakeside.sch0ol", "l\u00e1keside.school"]
)
def test_signs_that_look_alike_are_asked_about(policy: Policy, written: str) -> None:
    """They are other accounts on the platform, and a reader takes one for the other."""
    key = handle_key(handle_of(written, policy.platform("Instagram")))
    assert key != "lakeside.school"
    assert looks(key) == looks("lakeside.school")


@pytest.mark.parametrize(
    ("platform", "host"), [("Instagram", "l.instagram.com"), ("Facebook", "lm.facebook.com")]
)
def test_an_address_that_only_leads_on_is_the_one_that_it_leads_to(
    policy: Policy, platform: str, host: str
) -> None:
    there = policy.platform(platform)
    page = f"https://www.{there.domains[0]}/lakeside.school"
    written = f"https://{host}/l.php?u={page.replace(':', '%3A').replace('/', '%2F')}&h=AT0x"
    assert handle_of(written, there) == "lakeside.school"
    assert page_key(written, there) == page_key(page, there)
    with pytest.raises(NoHandle):
        handle_of(f"https://{host}/l.php?h=AT0x", there)


@pytest.mark.parametrize(
    ("platform", "written"),
    [
        ("Instagram", "https://www.instagram.com/p/Cabc/"),
        ("Instagram", "https://www.threads.net/@lakeside"),
        ("Instagram", "https://www.instagram.com/stories"),
        ("Facebook", "https://www.facebook.com/profile.php?id=100057"),
        ("Facebook", "https://www.facebook.com/people/Lakeside/100057/"),
        ("Facebook", "https://www.facebook.com/pages/Lakeside/100057"),
        ("Facebook", "https://www.facebook.com/share/1AbC/"),
        ("Facebook", "https://www.facebook.com/"),
        ("YouTube", "https://youtu.be/dQw4"),
        ("YouTube", "https://www.youtube.com/watch?v=dQw4"),
        ("TikTok", "https://vm.tiktok.com/ZMabc/"),
    ],
)
def test_an_address_of_something_else_names_no_account(policy: Policy, platform: str, written: str) -> None:
    """Two profiles by number would have one handle, and would be taken for one account."""
    with pytest.raises(NoHandle):
        handle_of(written, policy.platform(platform))


@pytest.mark.parametrize(
    ("platform", "written", "handle"),
    [
        ("Instagram", "https://instagr.am/lakeside", "lakeside"),
        ("Instagram", "https://www.instagram.com/stories/lakeside/", "lakeside"),
        ("Facebook", "https://www.facebook.com/groups/lakeside", "lakeside"),
        ("TikTok", "https://www.tiktok.com/@lakeside/video/7123", "@lakeside"),
        ("website or blog", "https://www.lakeside.example.org/news", "https://www.lakeside.example.org/news"),
        ("call-out system", "What? Messages", "What? Messages"),
    ],
)
def test_the_handle_is_taken_out_of_the_addresses_of_its_platform(
    policy: Policy, platform: str, written: str, handle: str
) -> None:
    assert handle_of(written, policy.platform(platform)) == handle
