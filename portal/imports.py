"""Files that come in: uploaded, looked at row by row, and taken in as they were looked at, byte for byte."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.background import BackgroundTask
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from portal import uploads
from portal.asking import form, ground, looks_after, person, typed
from portal.doing import filled_in, new_key
from portal.errors import status_of
from portal.fields import fields, given, values
from portal.language import said_anew
from portal.pages import go_to, page, what_is_wrong
from portal.saying import in_page_words, on_page, who_may
from portal.uploads import Kept
from schemas.errors import BadFile, BadInput, BadRows, NotAllowed, StewardError, StoreUnavailable
from schemas.language import later, said, t
from schemas.words import Via
from tasks.acts.act import Act, described
from tasks.acts.table import ACTS
from tasks.store.import_runs import taken_in_before

if TYPE_CHECKING:
    from portal.reports import Report


@dataclass(frozen=True)
class Kind:
    """One kind of file. `field` is the act's own field for it; `beyond` lets it in beyond its brake."""

    act: str
    title: str
    field: str
    accept: str
    several: bool = False
    beyond: str = ""

    def load(self) -> Act[Any, Any]:
        """The act that takes it in."""
        return ACTS[self.act].load()


KINDS: Mapping[str, Kind] = {
    "roster": Kind(
        "import-a-roster",
        later("A roster"),
        "path",
        ".zip,.csv",
        several=True,
        beyond="allow_mass_deactivation",
    ),
    "training": Kind("import-training", later("Training completions"), "file", ".csv,.txt,.tsv"),
    "accounts": Kind("import-accounts", later("Accounts that exist"), "file", ".csv,.txt,.tsv"),
}


async def _may_bring(request: Request) -> None:
    """Asked before a file is read. Raises NotAllowed for people who take no files in."""
    if not (await looks_after(request)).files:
        policy = await ground(request).policy()
        may = " or the ".join(policy.label(one) for one in policy.duties.takes_in_files)
        raise NotAllowed(f"Files are taken in by the {may}.")


async def every(request: Request) -> Response:
    """The kinds of files."""
    await _may_bring(request)
    kinds = [(name, t(one.title), t(described(one.load()))) for name, one in KINDS.items()]
    return await page(request, "imports.html", kinds=kinds)


async def one(request: Request) -> Response:
    """The form; then what the file would change; then it is taken in."""
    name = str(request.path_params["kind"])
    if name not in KINDS:
        raise HTTPException(404)
    await _may_bring(request)
    kind, me = KINDS[name], await person(request)
    if request.method != "POST":
        key = request.query_params.get("key", "")  # what was said may be lost; that it was taken in is not
        done = said(ground(request).said(f"{me.person}/{key}")) or (
            t("It is recorded in your name.") if key else ""
        )
        mend = request.query_params.get("mend", "")
        return await _form(
            request, name, given(request.query_params, kind.load().form), None, done=done, mend=mend
        )
    sent = await form(request)
    if sent.get("confirmed") and await _is_taken_in(request, name, sent):
        return go_to(f"/imports/{name}?{urlencode({'key': new_key()})}")
    found, kept = given(sent, kind.load().form), None
    if sent.get("language"):
        before = uploads.find(ground(request).settings, me.person, str(sent.get("sha256") or ""))
        leave_out = bool(sent.get("leave_out"))
        shown = partial(_form, request, name, found, before, leave_out=leave_out)
        if before is not None and sent.get("shown"):  # pressed below what it would change
            shown = partial(_look_or_take, request, name, sent, found, before)
        return await said_anew(request, sent, shown)
    try:
        kept = await _file(request, sent)
        request.state.typed = [*typed(request), ("sha256", kept.sha256)]  # so that an error page has it too
        if sent.get("change"):
            return await _form(request, name, found, kept, leave_out=bool(sent.get("leave_out")))
        return await _look_or_take(request, name, sent, found, kept)
    except StoreUnavailable:
        raise
    except StewardError as error:
        if kept is not None and isinstance(error, BadRows) and error.secret:
            uploads.forget(ground(request).settings, me.person, kept.sha256)
            kept = None
        return await _form(request, name, found, kept, error=error, leave_out=bool(sent.get("leave_out")))
    finally:
        await sent.close()


async def _is_taken_in(request: Request, name: str, sent: FormData) -> bool:
    """Whether it is not kept here any more since it was taken in: the same press once more."""
    here, me, sha256 = ground(request), await person(request), str(sent.get("sha256") or "")
    if uploads.find(here.settings, me.person, sha256) is not None:
        return False
    async with here.store.read() as session:
        return await taken_in_before(session, name, sha256) is not None


async def _file(request: Request, sent: FormData) -> Kept:
    """What came now, or what came before and was looked at. Raises BadInput."""
    here, me = ground(request), await person(request)
    files = [one for one in sent.getlist("file") if isinstance(one, UploadFile) and one.filename]
    before = str(sent.get("sha256") or "")
    if files or not before:
        return await uploads.keep(here.settings, me.person, files)
    kept = uploads.find(here.settings, me.person, before)
    if kept is None:
        raise BadInput(
            "The file is not kept here any more: choose it again. What you said beside it is still here."
        )
    return kept


async def _look_or_take(
    request: Request, name: str, sent: FormData, found: dict[str, list[str]], kept: Kept
) -> Response:
    here, me, kind = ground(request), await person(request), KINDS[name]
    looked_at = sent.get("sha256") == kept.sha256  # other bytes are looked at first
    act, confirmed = kind.load(), bool(sent.get("confirmed")) and looked_at
    leave_out = bool(sent.get("leave_out"))
    taken = {**values(found, act.form), kind.field: str(kept.path)}
    if leave_out:
        taken["skip_bad"] = str(kept.to_mend)
    reports = await asyncio.to_thread(import_module, "portal.reports")  # with the files' own rooms, for few

    async def asked(*, dry_run: bool) -> "Report":
        done = await act(
            here.store,
            await here.policy(),
            await filled_in(request, act, {**taken, "dry_run": dry_run}),
            via=Via.PORTAL,
            now=here.now(),
            session_id=me.session,
        )
        said: Report = reports.report(done, await here.policy())
        return replace(said, notes=[on_page(one, act.form) for one in said.notes])

    if leave_out and not confirmed:  # the whole file would be kept, with the rows that are left out
        await _refuse_passwords(request, kind, {**values(found, act.form), kind.field: str(kept.path)})
    shown = str(sent.get("shown") or "")
    otherwise = bool(confirmed and shown) and shown != _mark(await asked(dry_run=True))
    report = await asked(dry_run=not confirmed or otherwise)
    if confirmed and not otherwise:
        uploads.forget(here.settings, me.person, kept.sha256)
        key = new_key()
        here.keep_said(f"{me.person}/{key}", report.said)
        mend = {"mend": kept.sha256} if report.left_out else {}
        return go_to(f"/imports/{name}?{urlencode({'key': key, **mend})}", BackgroundTask(here.relay_now))
    return await page(
        request,
        "import_shown.html",
        shown=_mark(report),
        otherwise=otherwise,
        name=name,
        title=t(kind.title),
        kept=kept,
        report=replace(report, beyond=report.beyond if kind.beyond not in found else ""),
        beyond=kind.beyond,
        leave_out=leave_out,
        hidden=[(field, word) for field, words in found.items() for word in words],
    )


async def _refuse_passwords(request: Request, kind: Kind, taken: Mapping[str, Any]) -> None:
    """Raises BadRows where a bad row has what looks like a password; no other problem is said."""
    here, me, act = ground(request), await person(request), kind.load()
    form_of = await filled_in(request, act, {**taken, "dry_run": True})
    try:
        await act(
            here.store, await here.policy(), form_of, via=Via.PORTAL, now=here.now(), session_id=me.session
        )
    except BadRows as error:
        if error.secret:
            raise


def _mark(report: "Report") -> str:
    """The same for the same difference, allowed beyond its brake or not."""
    return hashlib.sha256(repr(replace(report, beyond="", said="")).encode()).hexdigest()


async def _form(
    request: Request,
    name: str,
    typed_there: Mapping[str, Sequence[str]],
    kept: Kept | None,
    *,
    error: StewardError | None = None,
    leave_out: bool = False,
    done: str = "",
    mend: str = "",
) -> Response:
    kind = KINDS[name]
    act = kind.load()
    problems = (
        error.problems if isinstance(error, BadRows) else (error,) if isinstance(error, BadFile) else ()
    )
    policy = await ground(request).policy()
    shown = [one for one in fields(act.form, policy, typed_there) if one.name != kind.beyond]
    return await page(
        request,
        "import.html",
        status=status_of(error) if error else 200,
        name=name,
        kind=kind,
        title=t(kind.title),
        about=t(described(act)),
        file_hint=t(act.form.model_fields[kind.field].description or ""),
        who=who_may(act.who.parts(policy)),
        fields=shown,
        opened=any(one.value for one in shown) or leave_out,
        kept=kept,
        leave_out=leave_out,
        error=in_page_words(error, act.form) if error and not problems else "",
        secret=isinstance(error, BadRows) and error.secret,
        problems=[(one.place, on_page(what_is_wrong(one), act.form)) for one in problems],
        more=max(0, getattr(error, "count", len(problems)) - len(problems)),
        done=done,
        mend=mend,
    )


async def left_out(request: Request) -> Response:
    """The rows that were left out, for who brought the file."""
    await _may_bring(request)
    here, me = ground(request), await person(request)
    found = uploads.to_mend(here.settings, me.person, str(request.path_params["sha256"]))
    if found is None:
        raise HTTPException(404)
    return FileResponse(found, media_type="text/csv; charset=utf-8", filename=found.name)


ROUTES = [
    Route("/imports", every),
    Route("/imports/to-mend/{sha256}", left_out),
    Route("/imports/{kind}", one, methods=["GET", "POST"]),
]
