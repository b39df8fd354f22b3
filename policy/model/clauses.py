"""What the policy asks, clause by clause, what holds it, and the laws that it names."""

from datetime import date

from pydantic import Field, model_validator

from policy.controls import AnyControl
from policy.parts import Id, Part, Words


class Clause(Part):
    """One clause: what it asks of whom, and what holds it. `words`: its own, as the policy has them.

    `controls` hold it, and `held_by` names controls of another clause that hold this one too. `by_people`
    says why no software holds it; `planned` what is to come. A clause that asks nothing is only a title
    over the clauses under it.
    """

    id: Id
    title: Words
    asks: Words | None = None
    words: Words | None = None
    controls: tuple[AnyControl, ...] = ()
    held_by: tuple[Id, ...] = ()
    by_people: Words | None = None
    planned: Words | None = None

    @model_validator(mode="after")
    def _says_how_it_is_held(self) -> "Clause":
        held = self.controls or self.held_by or self.by_people or self.planned
        if self.asks and not held:
            raise ValueError("say what holds it: `controls`, `held_by`, `by_people` or `planned`")
        if held and not self.asks:
            raise ValueError("say in `asks` what it asks, and of whom")
        if self.by_people and (self.controls or self.held_by or self.planned):
            raise ValueError("what controls hold is not left to people: take out `by_people`, or the rest")
        return self


class Law(Part):
    """A law that the policy names. `replaced_by` took its place on `replaced_on`."""

    name: Words
    named_in: tuple[Id, ...] = Field(min_length=1)
    replaced_by: tuple[Words, ...] = ()
    replaced_on: date | None = None
