"""A day within a sentence: written as people write it, in the language spoken. Examples of typing stay."""

import pytest

from schemas.language import days_written, speaking


@pytest.mark.parametrize(
    ("words", "english", "french"),
    [
        (
            "closed after 2026-12-07, and",
            "closed after Monday 7 December 2026, and",
            "lundi 7 décembre 2026,",
        ),
        ("2026-12-01 is over.", "Tuesday 1 December 2026 is over.", "Mardi 1er décembre 2026 is"),
        ("It ends. 2026-12-07 is it.", "It ends. Monday 7 December 2026 is it.", "It ends. Lundi 7 "),
        ("at 2026-11-28 14:05 UTC: it", "at Saturday 28 November 2026, 14:05 UTC: it", "2026, 14 h 05 UTC"),
        ("(2026-11-28).", "(Saturday 28 November 2026).", "(samedi 28 novembre 2026)."),
        (
            "on 2026-11-28 25:99, so",
            "on Saturday 28 November 2026 25:99, so",
            "samedi 28 novembre 2026 25:99",
        ),
        (
            "“a 2026-01-01” by 2026-11-28.",
            "“a 2026-01-01” by Saturday 28 November 2026.",
            "“a 2026-01-01” by",
        ),
    ],
)
def test_a_day_is_written_in_words(words: str, english: str, french: str) -> None:
    assert days_written(words) == english
    with speaking("fr"):
        assert french in days_written(words)


@pytest.mark.parametrize(
    "words",
    [
        "this is not a day: write it as 2026-09-30",
        "a date is written 2026-09-01",
        "As 2026-09-30; today if left out.",
        "give the time as your clock shows it, without a zone: 2026-09-30 14:30",
        "une date s\N{RIGHT SINGLE QUOTATION MARK}écrit 2026-09-01",
        "écrivez une date comme 2026-09-01",
        "value '2026-09-30' is not known",
        "clauses-2026-09-30.csv",
        "2026-02-30",
        "2026-09-14T13:05:09Z",
        "/ledger?on=2026-09-30",
        "@grad.2026-09-30 is live",
        "https://example.org/news#2026-09-30",
        "it lies in vault:web:2026-09-30",
        "“Open day 2026-09-30 at noon”",
        "« Journée 2026-09-30 »",
        'says "see 2026-09-30 there"',
        "`steward clauses --on 2026-09-30`",
    ],
)
def test_what_is_typed_or_is_a_name_stays(words: str) -> None:
    for language in ("en", "fr"):
        with speaking(language):
            assert days_written(words) == words
