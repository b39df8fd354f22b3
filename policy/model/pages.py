"""How pages are fetched. What is looked for on them is a control's business."""

from typing import Annotated

from pydantic import Field

from policy.parts import Count, CountOrNone, Part


class Politeness(Part):
    """How a round over many pages treats their servers. One page of a host at a time."""

    hosts_at_once: Count
    seconds_between: Count
    tries: Count
    retry_first_seconds: Count
    wait_at_most_seconds: Count
    failures_in_a_row: Count


class Pages(Part):
    """How far a page is followed and how much of it is taken. Whatever goes beyond is unreachable."""

    bytes_at_most: Annotated[int, Field(ge=1_000, le=50_000_000)]
    seconds_at_most: Count
    redirects_at_most: CountOrNone
    notice_links_at_most: CountOrNone
    kept_characters_at_most: Count
    politeness: Politeness
