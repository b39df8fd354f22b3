"""What a person is told who handed something in."""

from dataclasses import dataclass

from schemas.outcome import Subject


@dataclass(frozen=True)
class Receipt:
    """What was recorded, about what, and one sentence on what happens next."""

    subject: Subject
    state: str
    says: str
