"""The clause ids of AP 151: the 40 leaves of the policy, and the heads that ask something themselves.

The ids are code, because rules, gates and notices name them; everything else about a clause is in the
policy file. A division with another text keeps these ids and says there what each one asks.
"""

CLAUSE_IDS: tuple[str, ...] = (
    *("1",),
    *("2.1", "2.2", "2.3", "2.4"),
    *("3.1", "3.2.1", "3.2.2"),
    *("4",),
    *("5", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6"),
    *("6", "6.1", "6.2", "6.3", "6.4"),
    *("7", "8", "9", "10", "11"),
    *("12", "12.1", "12.2", "12.3"),
    *("13",),
    *("14", "14.1", "14.2", "14.3", "14.4", "14.5", "14.6"),
    *("14.7", "14.8", "14.9", "14.10", "14.11", "14.12"),
)

#: Heads that ask nothing beyond their leaves: they have a title, and nothing can serve them by name.
HEADS: tuple[str, ...] = ("2", "3", "3.2")


def in_order(clause: str) -> tuple[int, ...]:
    """The key that sorts clause ids as the policy prints them: 5.2 before 5.10."""
    return tuple(int(part) for part in clause.split("."))
