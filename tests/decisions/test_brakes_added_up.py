"""The causes of a night are added up: the smallest go on as long as there is room, the others wait (10)."""

from datetime import date

import pytest

from policy.brake import Cause, Night, Standing, decide_brakes
from policy.model import Policy
from schemas.words import BrakeAnswer, BrakeOf

TODAY = date(2026, 11, 4)
#: Ten losses, 25 letters: the shares of so small a division are less.
SMALL = Night(accounts=20, people=40)
LARGE = Night(accounts=200, people=400)
A = Cause(BrakeOf.ASK_COURSE, "privacy-course", "focus-on-privacy", "365")
B = Cause(BrakeOf.ANNOUNCE_ACCOUNT, "notice-on-page")
C = Cause(BrakeOf.COUNT_AS_LEFT, "division-administrators", figure="5")
TEXT = Cause(BrakeOf.SEND_TEXT, "guidelines", "Social Media Guidelines", "2")


@pytest.mark.parametrize(
    ("found", "night", "waits"),
    [
        ({A: 10}, SMALL, ()),
        ({A: 11}, SMALL, (A,)),
        ({A: 4, B: 6}, SMALL, ()),
        ({A: 4, B: 7}, SMALL, (B,)),  # people and accounts, of two lifecycles
        ({A: 7, B: 7, C: 3}, SMALL, (A,)),  # of two that are as large, one
        ({A: 10}, Night(20, 40, lost=1), (A,)),  # what began earlier the same day counts too
        ({A: 20, B: 10}, LARGE, ()),  # a twentieth of six hundred
        ({A: 20, B: 11}, LARGE, (A,)),
        ({A: 10, TEXT: 25}, SMALL, ()),  # letters have a brake of their own
        ({TEXT: 26}, SMALL, (TEXT,)),
    ],
)
def test_what_is_over_the_sum_waits(
    policy: Policy, found: dict[Cause, int], night: Night, waits: tuple[Cause, ...]
) -> None:
    steps = decide_brakes(found, night, (), policy, TODAY)
    assert steps.begin == waits
    assert steps.beside == (tuple(sorted(found.items())) if waits else ())


@pytest.mark.parametrize(
    ("asked", "answer", "count", "ends", "anew"),
    [
        (
            7,
            None,
            7,
            False,
            False,
        ),  # it waits because of the sum, also in a night with room
        (7, None, 1, False, False),
        (7, None, 0, True, False),
        (50, None, 11, False, False),
        (50, None, 10, True, False),  # the slip is put right but for a few
        (7, BrakeAnswer.RELEASE, 7, False, False),
        (7, BrakeAnswer.RELEASE, 18, True, True),  # grown by more than a night allows
        (7, BrakeAnswer.HOLD, 7, True, True),  # held until today
    ],
)
def test_when_a_question_ends_and_is_asked_anew(
    policy: Policy, asked: int, answer: BrakeAnswer | None, count: int, ends: bool, anew: bool
) -> None:
    one = Standing(5, B.key, asked, answer, TODAY if answer is BrakeAnswer.HOLD else None)
    steps = decide_brakes({B: count} if count else {}, SMALL, (one,), policy, TODAY)
    assert (steps.end, steps.begin) == ((5,) if ends else (), (B,) if anew else ())
