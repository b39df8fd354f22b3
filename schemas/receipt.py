"""What somebody is told who handed something in."""

from dataclasses import dataclass

from schemas.outcome import Subject


@dataclass(frozen=True)
class Receipt:
    """What was recorded, about what, and one sentence on what happens next.

    `missing`: whole sentences on what it lacks, for which it will come back.
    """

    subject: Subject
    state: str
    says: str
    missing: tuple[str, ...] = ()
