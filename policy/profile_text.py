"""Whether a profile shows the name and the position of one of its account's administrators. Pure.

White space and letter case do not count, nor in which of Unicode's ways a letter, an apostrophe or a hyphen
is written. A name stands as "Given Family" or as "Family, Given", and every word must be there as a whole.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.facts import ProfileOwner

_ALIKE = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u2032`\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")),  # nobody sees these
}

SHOWN = "The profile shows the name and the position of one who administers it."
SHOWN_WITHOUT_POSITION = (
    "The profile shows the name of one who administers it; no position is kept that it could be held against."
)
NO_POSITION = (
    "The profile shows the name of one who administers it, but not the position that is kept for it."
)
NO_NAME = "The profile does not show the name of anybody who administers it."
NOBODY = "Nobody administers it whose name the profile could show."


@dataclass(frozen=True)
class ProfileJudgement:
    """What a profile shows. `detail` is one sentence without names; `person_id` None: not shown."""

    person_id: int | None
    detail: str

    @property
    def shown(self) -> bool:
        """Whether name and position are there."""
        return self.person_id is not None


def folded(text: str) -> str:
    """A text as it is compared: one way of writing each letter, small letters, single spaces."""
    text = unicodedata.normalize("NFKC", text.translate(_ALIKE)).translate(_ALIKE)
    return " ".join(unicodedata.normalize("NFKC", text.casefold()).split())


def judge_profile(page: str, owners: Sequence[ProfileOwner]) -> ProfileJudgement:
    """Hold the `folded` text of a page against the administrators of its account, in their order.

    The first whose name and position it shows counts. Of somebody without a position the name must do.
    """
    detail = NO_NAME if owners else NOBODY
    for one in owners:
        given, family, position = folded(one.given_name), folded(one.family_name), folded(one.position)
        if not any(_stands(page, name) for name in _names(given, family)):
            continue
        if not position:
            return ProfileJudgement(one.person_id, SHOWN_WITHOUT_POSITION)
        if _stands(page, re.escape(position)):
            return ProfileJudgement(one.person_id, SHOWN)
        detail = NO_POSITION
    return ProfileJudgement(None, detail)


def _names(given: str, family: str) -> tuple[str, ...]:
    """The ways of writing a name, as patterns. One that is empty leaves the other alone."""
    if not given or not family:
        return (re.escape(given or family),) if given or family else ()
    given, family = re.escape(given), re.escape(family)
    return f"{given} {family}", f"{family} ?, ?{given}"


def _stands(page: str, pattern: str) -> bool:
    return re.search(rf"(?<!\w){pattern}(?!\w)", page) is not None
