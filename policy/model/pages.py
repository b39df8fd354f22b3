"""How pages are fetched to find the notice of clause 8. The notice itself is `policy.notice_text`."""

from typing import Annotated

from pydantic import Field

from policy.model.base import Address, Count, CountOrNone, Part


class Politeness(Part):
    """How a round over many pages treats their servers (8). One page of a host at a time."""

    hosts_at_once: Count
    seconds_between: Count
    tries: Count
    retry_first_seconds: Count
    wait_at_most_seconds: Count
    failures_in_a_row: Count


class Pages(Part):
    """How far a page is followed and how much of it is taken (8). Whatever goes beyond is unreachable.

    `notice_addresses` are the division's own pages that carry the whole notice: where a short profile
    should link to, and what people are told to link to. A page that lacked the notice is looked at again
    `look_again_after_hours` later, every other one each `look_every_days`. What a person attests of a page
    that can't be read holds for `attested_good_days`, and that a profile shows name and position (6.3) for
    `profile_attested_good_days`.
    """

    notice_addresses: tuple[Address, ...] = Field(min_length=1)
    bytes_at_most: Annotated[int, Field(ge=1_000, le=50_000_000)]
    seconds_at_most: Count
    redirects_at_most: CountOrNone
    notice_links_at_most: CountOrNone
    kept_characters_at_most: Count
    look_again_after_hours: Count
    look_every_days: Count
    attested_good_days: Count
    profile_attested_good_days: Count
    politeness: Politeness
