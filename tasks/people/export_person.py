"""Everything that is stored of one person, as files: for somebody who asks what we know of them."""

import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field
from sqlmodel import col, select

from policy.controls.administrators import Administrators
from schemas.errors import BadInput
from schemas.forms import ActForm, OnCommand, PersonRef, Reason
from schemas.outcome import Subject
from schemas.people import AlsoKnown
from schemas.receipt import Receipt
from schemas.words import SubjectKind
from tasks.acts.act import act, always
from tasks.acts.context import ActContext
from tasks.acts.who import POLICY_OFFICE
from tasks.files.export import to_csv
from tasks.people.everything_of import REASONS, WITHHELD, Found, as_cells, everything_of
from tasks.people.forgetting import traces_of
from tasks.people.noting import stored

_ZIP = ".zip"


class PersonExportForm(ActForm):
    """Write everything that is stored of one person, as CSV and JSON, for a request for access.

    It is recorded that you did. Give the files to the person, and to nobody else.
    """

    person: Annotated[PersonRef, OnCommand(positional=True)] = Field(
        title="Whom", description="E-mail address, number or name."
    )
    to: Annotated[Path, OnCommand(positional=True)] = Field(
        title="Where", description="A folder, or a file whose name ends in .zip, that is not there yet."
    )
    reason: Reason = Field(title="Why", description="Why, in a sentence without names.")


@act(
    PersonExportForm,
    who=POLICY_OFFICE,
    does="exports what is stored of a person",
    control=(Administrators,),
    in_person=True,
    dangerous=always,
)
async def export_person(context: ActContext, form: PersonExportForm) -> Receipt:
    """Write the files. Raises Unknown, and BadInput where the place is taken or can't be made."""
    person, person_id = await stored(context, form.person, must_be_active=False)
    merged = await context.session.exec(
        select(AlsoKnown.merged_id).where(col(AlsoKnown.person_id) == person_id)
    )
    traces = await traces_of(context.session, person)
    found = await everything_of(context.session, (person_id, *merged), traces, context.person_id)
    _write(form.to, _files(person_id, found, context.now), context.now)
    rows = sum(len(one.rows) for one in found)
    subject = Subject(SubjectKind.PERSON, person_id)
    await context.note(
        subject, control="", cause="person exported", body={"tables": len(found), "rows": rows}
    )
    where = (
        f"1 row is in {form.to.name}: read READ-ME.txt in it first."
        if rows == 1
        else f"{rows} rows are in {form.to.name}: read READ-ME.txt in it first."
    )
    return Receipt(subject, "exported", where)


def _files(person_id: int, found: Sequence[Found], now: datetime) -> Mapping[str, str]:
    """The files' texts by their names."""
    made = {f"{one.table}.csv": to_csv(("part", *one.columns), as_cells(one)) for one in found}
    made["everything.json"] = json.dumps(
        {
            "person": person_id,
            "made_at": now.isoformat(),
            "withheld": list(REASONS),
            "tables": {one.table: [{"part": str(part), **row} for part, row in one.rows] for one in found},
        },
        ensure_ascii=False,
        indent=1,
    )
    made["READ-ME.txt"] = "\n".join(
        [
            f"Everything that Steward has stored of person {person_id}, {now:%Y-%m-%d %H:%M} UTC.",
            "",
            "everything.json has it all; each table is a CSV file too. In the column 'part', 'theirs' is a",
            "row of the person's own or about them, 'did it' one about something else in which they did",
            "something, 'named in it' one whose text names them. Moments are in UTC.",
            "",
            f"{WITHHELD} stands for:",
            *(f"- {one}" for one in REASONS),
            "",
            "Letters: the table notice says which went out, when, and about what. Their words are made as",
            "they leave, and are not kept. Mailboxes, copies of the store, and files that were imported are",
            "not in it.",
            "",
            *(f"{one.table}: {len(one.rows)}" for one in found),
            "",
        ]
    )
    return made


def _write(to: Path, files: Mapping[str, str], now: datetime) -> None:
    """For the eyes of whoever runs the command alone. Raises BadInput; nothing that is there is touched."""
    encoded = {
        name: text.encode("utf-8-sig" if name.endswith(".csv") else "utf-8") for name, text in files.items()
    }
    try:
        if to.suffix.lower() == _ZIP:
            _new_file(to, _zipped(encoded, now))
            return
        to.mkdir(mode=0o700, parents=False)
        for name, content in encoded.items():
            _new_file(to / name, content)
    except OSError as error:
        raise BadInput(f"That can't be written ({type(error).__name__}): name a new place.") from None


def _zipped(files: Mapping[str, bytes], now: datetime) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _new_file(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
