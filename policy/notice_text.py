"""The notice that clause 8 asks for, statement by statement."""

from pydantic import BaseModel, ConfigDict, Field


class Statement(BaseModel):
    """One statement of the notice. The id is what a person is told: `item-2`, `closing`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    text: str = Field(min_length=1, max_length=4000)


class NoticeText(BaseModel):
    """The notice in one version, split into the statements that each must stand on the page (8)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1, max_length=40)
    statements: tuple[Statement, ...] = Field(min_length=1, max_length=50)
