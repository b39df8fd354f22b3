"""What two policies say otherwise is told in the words of the file, and a version means one text for ever."""

from pathlib import Path

import pytest

from policy.model import Policy, differences, load, parse, reworded
from schemas.settings import ROOT

SHIPPED = ROOT / "policy" / "ap151.toml"
TEXT = SHIPPED.read_text()

#: What stands there, what comes instead, and how the difference is told.
CHANGES = {
    "a figure": (
        "valid_days = 365",
        "valid_days = 36",
        ["courses[focus-on-privacy].valid_days: 365 → 36"],
    ),
    "an id that names a thing": (
        'id = "focus-on-privacy"',
        'id = "privacy-in-focus"',
        None,
    ),
    "a figure of a control": (
        "grace_school_days = 20 ",
        "grace_school_days = 25 ",
        ["clauses[5.2].controls[privacy-course].grace_school_days: 20 → 25"],
    ),
    "a list": (
        'gives_offices = ["superintendent", "communications officer"]',
        'gives_offices = ["superintendent"]',
        ['duties.gives_offices: ["superintendent", "communications officer"] → ["superintendent"]'],
    ),
    "a comment": ("# Another division changes this file", "# Other divisions change this file", []),
}


def changed(old: str, new: str) -> Policy:
    text = TEXT.replace(old, new)
    return parse(text, Path("changed.toml"))


@pytest.mark.parametrize("change", [name for name, (*_, told) in CHANGES.items() if told is not None])
def test_a_difference_is_told_by_its_place_and_both_values(change: str) -> None:
    old, new, told = CHANGES[change]
    assert old in TEXT or not told
    assert [str(one) for one in differences(load(SHIPPED), changed(old, new))] == told


def test_what_is_taken_out_and_what_is_new_is_named() -> None:
    policy = load(SHIPPED)
    fewer = policy.model_copy(update={"tools": policy.tools[1:]})
    (gone,) = differences(policy, fewer)
    (came,) = differences(fewer, policy)
    assert str(gone).startswith(f"tools[{policy.tools[0].id}]: taken out, was ")
    assert str(came).startswith(f"tools[{policy.tools[0].id}]: new, ")


def test_another_order_is_a_difference() -> None:
    policy = load(SHIPPED)
    turned = policy.model_copy(update={"tools": policy.tools[::-1]})
    (found,) = differences(policy, turned)
    assert found.where == "tools, their order"


#: Words that change under the version that they had, and the place that is named.
REWORDED = {
    "a text": (
        'text = "Stay professional, in private life too."',
        'text = "Be professional."',
        "texts",
    ),
    "a notice": ("values open, two-way conversation", "values conversation", "notices"),
    "a checklist": ("No location is published.", "A location may be published.", "checklists"),
}


@pytest.mark.parametrize("what", REWORDED)
def test_words_do_not_change_under_their_version(what: str) -> None:
    old, new, section = REWORDED[what]
    assert old in TEXT
    text = TEXT.replace(old, new).replace('version = "2026-09" ', 'version = "2026-10" ', 1)
    found = reworded(parse(text, Path("changed.toml")), [load(SHIPPED)])
    assert {one.where[0] for one in found} == {section}
    assert all("give these a new version" in one.said for one in found)


def test_the_whole_file_keeps_its_version_only_with_its_content() -> None:
    policy = load(SHIPPED)
    assert reworded(policy, [policy]) == ()
    (found,) = reworded(changed("valid_days = 365", "valid_days = 400"), [policy])
    assert found.where == ("policy", "version")


def test_an_address_is_no_word() -> None:
    """Where a text stands may change: what people read is the same."""
    old, new = "https://learn.example.org/", "https://courses.example.org/"
    text = TEXT.replace(old, new).replace('version = "2026-09" ', 'version = "2026-10" ', 1)
    assert reworded(parse(text, Path("changed.toml")), [load(SHIPPED)]) == ()


def test_a_version_is_of_one_document(policy: Policy) -> None:
    """Under another id it would be taken for the first one: people name the version alone."""
    (found,) = reworded(changed('id = "AP 151"', 'id = "AP 152"'), [policy])
    assert found.where == ("policy", "version")
