"""Taking back what was said of a column."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import delete
from sqlmodel import col

from policy.controls.inventory import Inventory
from schemas.errors import Unknown
from schemas.forms import ActForm, OnCommand
from schemas.gates import Remembered
from schemas.outcome import Subject
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act
from tasks.acts.columns import COLUMNS
from tasks.acts.context import ActContext
from tasks.acts.who import FILES_OFFICES


class ForgetMappingForm(ActForm):
    """Forget which of our columns a column of files is read as; what was taken in by it stays."""

    mapping: Annotated[int, OnCommand(positional=True)] = Field(
        ge=1, title="Mapping", description="Its number, from `steward import mappings`."
    )


@act(ForgetMappingForm, who=FILES_OFFICES, does="says how files are read", control=(Inventory,))
async def forget_mapping(context: ActContext, form: ForgetMappingForm) -> Receipt:
    """Forget one. Raises Unknown."""
    its = col(Remembered.id) == form.mapping, col(Remembered.kind) == COLUMNS
    if (await context.session.run(delete(Remembered).where(*its))).rowcount != 1:
        raise Unknown(f"There is no mapping {form.mapping}: `steward import mappings` shows them.")
    subject = Subject(SubjectKind.IMPORT, 0)
    await context.note(
        subject,
        control=context.policy.name_of(Inventory),
        cause="mapping of a column forgotten",
        body={"mapping": form.mapping},
    )
    return Receipt(
        subject, "forgotten", f"Mapping {form.mapping} is forgotten; later files are asked about anew."
    )
