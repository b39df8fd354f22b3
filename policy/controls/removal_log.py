"""What is taken down has a ground and leaves a copy."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from policy.controls._control import Control, OneFor
from policy.parts import Count, Id
from schemas.language import half

if TYPE_CHECKING:
    from policy.model import Policy


class RemovalLog(Control):
    """A removal is recorded only with a ground of the file's `grounds` and a copy of what was removed.

    `kept_days`: how long the copy is kept; then text and picture go, and that something was taken down stays.
    `seen_by`: the offices that may look at copies, beside who took it down; each look is recorded.
    `picture_bytes_at_most`: the largest picture that is kept.

    Finds nothing and asks nobody. Never takes anything down itself, and knows no ground of disagreement.
    """

    one_for: ClassVar[OneFor | None] = OneFor.FILE

    use: Literal["removal-log"] = "removal-log"
    kept_days: Count
    seen_by: tuple[Id, ...] = Field(min_length=1)
    picture_bytes_at_most: int = Field(default=20_000_000, ge=1000, le=200_000_000)

    def names(self) -> tuple[tuple[str, str, str], ...]:
        """What it names of the file's lists."""
        return tuple(("seen_by", "division office", office) for office in self.seen_by)

    def slips(self, policy: "Policy") -> tuple[tuple[str, str], ...]:
        """A file without grounds: nothing could be taken down."""
        said = half("the file has no [[grounds]], so nothing could be recorded as taken down")
        return () if policy.grounds else (("use", said),)
