"""Whether a profile shows whose account it is, as a table (6.3)."""

import pytest

from policy.profile_text import (
    NO_NAME,
    NO_POSITION,
    NOBODY,
    SHOWN,
    SHOWN_WITHOUT_POSITION,
    folded,
    judge_profile,
)
from schemas.facts import ProfileOwner

ANN = ProfileOwner(1, "Zoé", "O'Sample-Lee", "teacher")
BO = ProfileOwner(2, "Bo", "Sample", "assistant principal")


@pytest.mark.parametrize(
    ("page", "person", "detail"),
    [
        ("Class 4B\nZoé O'Sample-Lee, teacher at Lakeside", 1, SHOWN),
        ("ZOÉ O'SAMPLE-LEE | TEACHER", 1, SHOWN),
        ("Zoe\u0301 O\u2019Sample\u2011Lee (Teacher)", 1, SHOWN),  # decomposed, typographic
        ("Zoé\n  O'Sample-Lee\n\nTeacher", 1, SHOWN),
        ("O'Sample-Lee, Zoé: teacher", 1, SHOWN),
        ("O'Sample-Lee ,Zoé: teacher", 1, SHOWN),
        ("Teacher: Zo\u200bé O'Sam\u00adple-Lee", 1, SHOWN),  # marks that nobody sees
        ("Bo Sample, Assistant  Principal", 2, SHOWN),
        ("Zoé O'Sample-Lee and Bo Sample, assistant principal", 2, SHOWN),  # whoever is shown in full
        ("Zoé O'Sample-Lee, Bo Sample; teacher, assistant principal", 1, SHOWN),
        ("Zoé O'Sample-Lee, coach", None, NO_POSITION),
        ("Zoé O'Sample-Lee, headteacher", None, NO_POSITION),
        ("Zoé O'Sample-Lee loves her teachers", None, NO_POSITION),
        ("Zoé O'Sample-Leeds, teacher", None, NO_NAME),
        ("Joe-Zoé2 O'Sample-Lee, teacher", None, NO_NAME),
        ("Zoé, teacher of Lee O'Sample", None, NO_NAME),
        ("Ms. O'Sample-Lee, teacher", None, NO_NAME),
        ("O'Sample-Lee Zoé, teacher", None, NO_NAME),  # turned round without the comma
        ("Zoe O'Sample-Lee, teacher", None, NO_NAME),  # another letter is another name
        ("", None, NO_NAME),
    ],
)
def test_name_and_position_are_whole_words_in_whatever_writing(
    page: str, person: int | None, detail: str
) -> None:
    said = judge_profile(folded(page), (ANN, BO))
    assert (said.person_id, said.shown, said.detail) == (person, person is not None, detail)


def test_without_a_position_the_name_must_do() -> None:
    owner = ProfileOwner(3, "Zoé", "Sample", "  ")
    said = judge_profile(folded("Zoé Sample's class"), (owner,))
    assert (said.person_id, said.detail) == (3, SHOWN_WITHOUT_POSITION)
    assert judge_profile(folded("The class"), (owner,)).person_id is None


def test_a_name_is_no_pattern() -> None:
    owner = ProfileOwner(3, "A.", "(Sample)", "c++ coach")
    assert judge_profile(folded("A. (Sample), C++ coach"), (owner,)).shown
    assert not judge_profile(folded("Ab Sample, ccc coach"), (owner,)).shown


def test_one_who_has_a_single_name() -> None:
    owner = ProfileOwner(3, "", "Sample", "teacher")
    assert judge_profile(folded("Sample, teacher"), (owner,)).shown
    assert not judge_profile(folded("Samples, teacher"), (owner,)).shown
    assert not judge_profile(folded("teacher"), (ProfileOwner(4, "", "", "teacher"),)).shown


def test_nobody_administers_it() -> None:
    assert judge_profile(folded("Zoé O'Sample-Lee, teacher"), ()).detail == NOBODY


def test_no_sentence_has_a_name_in_it() -> None:
    for detail in (SHOWN, SHOWN_WITHOUT_POSITION, NO_POSITION, NO_NAME, NOBODY):
        assert "Sample" not in detail
        assert detail.endswith(".")
