"""How many mails are marked as under way in one commit. Pure.

A commit costs as much as several mails, so one for each would be most of the time. But whatever is marked
when a sender dies is repeated with a mark: few at first, twice as many after each group that went well, and
one by one again after a lost connection or with a slow server, where commits are not what costs.
"""

from dataclasses import dataclass


@dataclass
class Pace:
    """The size of the next group: never more than `most`."""

    most: int
    size: int = 1

    def after(self, *, well: bool) -> int:
        """The size after a group that was handed over in its time with definite answers, or was not."""
        return min(self.most, self.size * 2) if well else 1
