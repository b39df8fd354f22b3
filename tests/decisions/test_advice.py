"""Which advice is due for a person, as a table. No database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from policy.controls import Mode
from policy.guidance import decide_advice
from policy.model import Policy
from policy.notices.guidance import AdviceToRead
from schemas.facts import AdvisedFacts
from schemas.outcome import Advise, Ask, Tell
from schemas.words import ChannelKind, PersonKind

NOW = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
TODAY = date(2026, 10, 20)
SCHOOL, CLASSROOM = ("school", ChannelKind.SOCIAL_MEDIA), ("classroom", ChannelKind.SOCIAL_MEDIA)
WEBSITE = ("school", ChannelKind.WEBSITE)
ALL_STAFF = {"personal accounts", "timing of messages"}
OF_ADMINISTRATORS = {"direct messages", "answering the public", "pictures"}
PERSON = AdvisedFacts(person_id=4, active=True, kind=PersonKind.STAFF)


def sent(days_ago: int, *texts: str, version: str = "2026-1") -> dict[str, Any]:
    day = TODAY - timedelta(days=days_ago)
    return {"sent": {(text, version): day for text in texts}, "last_letter": day}


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({}, ALL_STAFF),
        ({"kind": PersonKind.VOLUNTEER}, set()),
        ({"active": False}, set()),
        ({"reaches": frozenset({SCHOOL})}, ALL_STAFF | OF_ADMINISTRATORS),
        (
            {"reaches": frozenset({CLASSROOM})},
            ALL_STAFF | OF_ADMINISTRATORS | {"students who follow"},
        ),
        ({"reaches": frozenset({WEBSITE})}, ALL_STAFF | OF_ADMINISTRATORS - {"direct messages"}),
        (
            {"kind": PersonKind.STUDENT, "reaches": frozenset({SCHOOL})},
            OF_ADMINISTRATORS,
        ),
        (sent(89, "personal accounts"), set()),  # within a term, whatever is due
        (sent(90, "personal accounts"), {"timing of messages"}),
        (sent(364, *ALL_STAFF), set()),
        (sent(365, *ALL_STAFF), ALL_STAFF),
        (sent(100, *ALL_STAFF, version="2025-1"), ALL_STAFF),  # another version
        ({**sent(365, "pictures"), "reaches": frozenset({SCHOOL}), "kind": PersonKind.STUDENT},
         OF_ADMINISTRATORS - {"pictures"}),  # once a version
    ],
)  # fmt: skip
def test_what_is_due(policy: Policy, facts: dict[str, Any], due: set[str]) -> None:
    outcome = decide_advice(replace(PERSON, **facts), policy, NOW)
    told = [one.notice for one in outcome.steps if isinstance(one, Tell)]
    kept = [one for one in outcome.steps if isinstance(one, Advise)]
    assert len(told) == len(kept) == bool(due)
    for letter, receipt in zip(told, kept, strict=True):
        assert isinstance(letter, AdviceToRead)
        assert {text for text, *_ in letter.texts} == {text for text, *_ in receipt.texts} == due
        assert set(letter.asked) == due & {"personal accounts", "direct messages"}
    asked = [one for one in outcome.steps if isinstance(one, Ask)]
    assert len(asked) == bool(due & {"personal accounts", "direct messages"})


@pytest.mark.parametrize(
    ("now", "changes"),
    [
        (datetime(2026, 10, 24, 16, 0, tzinfo=UTC), {}),  # a Saturday
        (datetime(2026, 11, 11, 16, 0, tzinfo=UTC), {}),  # in a break
        (NOW, {"mode": Mode.OBSERVE}),
        (NOW, {"mode": Mode.OFF}),
    ],
)
def test_nothing_is_sent(policy: Policy, now: datetime, changes: dict[str, Any]) -> None:
    for control in ("timing-advice", "personal-accounts-advice") if changes else ():
        policy = policy.changed(control, **changes)
    assert not decide_advice(PERSON, policy, now)
