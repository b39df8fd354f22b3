"""What one delivery did, for operators and for the run that called it."""

from dataclasses import dataclass


@dataclass
class DeliveryReport:
    """What one delivery did. `sent` counts mails, `notices` what they carried; `digests` are among `sent`.

    `held`: due, but put off to working hours or to the next digest (4). `more`: the limit was reached.
    `down`: the server can't be reached; what is left waits for the next run.
    """

    sent: int = 0
    notices: int = 0
    digests: int = 0
    repeats: int = 0
    retried: int = 0
    uncertain: int = 0
    parked: int = 0
    dropped: int = 0
    held: int = 0
    more: bool = False
    down: bool = False

    def __str__(self) -> str:
        """One line for operators."""
        said = f"{self.sent} mails sent ({self.notices} notices, {self.digests} digests)"
        rest = {
            "to be tried again": self.retried,
            "unclear whether they arrived": self.uncertain,
            "parked for a person to look at": self.parked,
            "dropped, their cause is gone": self.dropped,
            "held for working hours": self.held,
        }
        more = [f"{number} {what}" for what, number in rest.items() if number]
        if self.down:
            more.append("the mail server can't be reached")
        return "; ".join([said, *more])
