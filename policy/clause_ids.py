"""How clause ids sort."""


def in_order(clause: str) -> tuple[int, ...]:
    """The key that sorts clause ids as the policy prints them: 5.2 before 5.10."""
    return tuple(int(part) for part in clause.split("."))
