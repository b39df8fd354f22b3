"""A request for an account is complete: which provided tools were considered, and why they do not serve."""

from typing import ClassVar, Literal

from policy.controls._control import Control
from policy.parts import Count
from schemas.words import ItemKind


class ApplicationForm(Control):
    """A request goes to whoever decides it only when it is complete.

    `tools_considered_at_least`: how many of the file's `tools` it says were considered.
    `reason_characters_at_least`, `purpose_characters_at_least`: how much it says of why they do not serve,
    and of what the account is for. `abandon_sent_back_days`: one that is sent back and that nobody mends is
    closed after so many days. `requests_a_day_at_most`: how many one person hands in on one day.

    Finds nothing: it works before there is an account. Says what each tool is for, on the form and in the
    letter that sends it back. Asks the requester to mend the request. Never declines one.
    """

    asks_for: ClassVar[tuple[ItemKind, ...]] = (ItemKind.MEND_REQUEST,)

    use: Literal["application-form"] = "application-form"
    tools_considered_at_least: Count
    reason_characters_at_least: Count
    purpose_characters_at_least: Count
    abandon_sent_back_days: Count
    requests_a_day_at_most: Count = 20
