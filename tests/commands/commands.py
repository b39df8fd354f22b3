"""Every command there is, and one use of each that works, in the order of one story."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deployments.cli.acts import who_types
from deployments.cli.app import app
from schemas.states import AccessState
from schemas.words import PageVerdict
from tasks.guidance import lifecycle as guidance
from tests.factories.division import a_person, an_access
from tests.support.stages import ran_ahead, too_much
from tests.support.world import CO, DEPUTY, OTHER_PRINCIPAL, PRINCIPAL, SUPER, TEACHER, VICE, World, mail

POLICY = Path(__file__).parents[2] / "policy" / "ap151.toml"
CANARY = "Canary!9xK2vL7p"
PAGE = "https://www.example.org/a-class-of-sample-school"
WHY = "The school has a new timetable."
T, P, C, OTHER = mail(TEACHER), mail(PRINCIPAL), mail(CO), mail(OTHER_PRINCIPAL)
AWAY = ["absence", "note", C, "--deputy", mail(DEPUTY), "--as", C]

LEAVE = ["leave", "ask", "texting", "--purpose", "A journey.", "--circumstances", "No other way serves."]

REQUEST = [
    *("request", "new", "--as", T, "--level", "school", "--platform", "Instagram"),
    *("--handle", "@lakeside.school", "--school", "Sample School 1", "--audience", "Families"),
    *("--purpose", "News of the school for its families.", "--tool", "division or school website"),
    *("--why-not", "Families read Instagram every day.", "--custody", "shared password"),
    *("--administrator", P, "--administrator", T),
]
REPORT = [
    *("attest", "created", "1", "--as", T, "--address", "https://www.example.org/lakeside"),
    *("--platform-id", "17841400000000001", "--vault", "vault/Lakeside Instagram", "--privacy", "all"),
]

TRAINING = (
    "ID,Name,Email address,Focus on Privacy,Focus on Privacy - Completion date,Course complete\n"
    f'7,Given7 Sample7,{mail(VICE)},Completed,"Monday, 5 October 2026, 9:00 AM",'
    '"Monday, 5 October 2026, 9:00 AM"\n'
    '8,Nobody Known,nobody@example.org,Completed,"Monday, 5 October 2026, 9:00 AM",'
    '"Monday, 5 October 2026, 9:00 AM"\n'
    '9,Some Student,one@students.example.org,Completed,"Monday, 5 October 2026, 9:00 AM",'
    '"Monday, 5 October 2026, 9:00 AM"\n'
)
INVENTORY = (
    "level,platform,handle,custody,administrators,state,school,address\n"
    f"school,Facebook,lakeside.page,shared password,{P};{T},live,Sample School 1,\n"
    f"classroom,Instagram,lakeside.4b,shared password,{T},live,Sample School 1,https://www.example.org/4b\n"
    f"school,YouTube,lakeside.films,personal administrators,{P};{T},live,Sample School 1,\n"
)
ORGS = (
    "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
    "school-1,,,Sample School 1,school,,\nschool-2,,,Sample School 2,school,,\n"
)
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
    + "".join(
        f"person-{n},,,true,school-{1 + (n == 5)},teacher,person{n},,Given{n},Sample{n},,,{mail(n)},,,,,\n"
        for n in range(1, 8)
    )
)
MANIFEST = (
    "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.academicSessions,absent\n"
    "file.categories,absent\nfile.classes,absent\nfile.classResources,absent\nfile.courses,absent\n"
    "file.courseResources,absent\nfile.demographics,absent\nfile.enrollments,absent\nfile.lineItems,absent\n"
    "file.orgs,bulk\nfile.resources,absent\nfile.results,absent\nfile.users,bulk\nsource.systemName,Sample\n"
    "source.systemCode,sample\n"
)


def files(folder: Path) -> dict[str, Path]:
    """The files that the imports take, written into a folder."""
    bundle, later = folder / "bundle", folder / "later"
    left = USERS.replace("person-6,,,true", "person-6,,,false")
    left = left.replace("person-7,,,true", "person-70,,,true").replace("Given7,Sample7", "Other,Name")
    for path, users in ((bundle, USERS), (later, left)):
        path.mkdir()
        for name, content in {"manifest": MANIFEST, "orgs": ORGS, "users": users}.items():
            (path / f"{name}.csv").write_text(content)
    made = {"training": folder / "training.csv", "accounts": folder / "accounts.csv", "roster": bundle}
    made["somebody left"] = later
    made["picture"], made["export"] = folder / "post.png", folder / "export"
    made["person"] = folder / "person.zip"
    made["backup"] = folder / "all.backup"
    made["picture"].write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    made["policy"] = folder / "policy.toml"
    changed = POLICY.read_text().replace('version = "2026-09" ', 'version = "2026-10" ', 1)
    made["policy"].write_text(changed.replace("grace_school_days = 20 ", "grace_school_days = 25 ", 1))
    made["training"].write_text(TRAINING)
    made["accounts"].write_text(INVENTORY)
    made["mapped"] = folder / "mapped.csv"
    made["mapped"].write_text(INVENTORY.replace(",handle,", ",Konto,", 1))
    return made


def story(made: dict[str, Path]) -> list[list[str]]:
    """One use of every command, but for those that need a running stack; `BESIDE` has what is none."""
    return [
        REQUEST,
        ["drain"],
        ["request", "list"],
        ["request", "show", "1"],
        ["mail", "show", "--waiting", "1"],
        ["status", "--of", C],
        [*AWAY, "--from", "2026-10-20", "--until", "2026-10-22"],
        ["absence", "deputy", C, "--deputy", mail(VICE), "--as", C],
        ["absence", "end", C, "--as", C],
        [*AWAY, "--from", "2026-10-20", "--until", "2026-10-22"],
        ["decide", "1", "decline", "--as", mail(DEPUTY), "--reason", "It does not fit."],
        ["request", "reconsider", "1", "--as", mail(DEPUTY), "--reason", WHY],
        ["decide", "1", "approve", "--as", mail(DEPUTY), "--reason", "It fits.", "--revision", "2"],
        ["drain"],
        ["complete", T, "--on", "2026-10-01", "--as", P],
        ["complete", P, "--on", "2026-10-01", "--as", C],
        ["completion", "void", P, "--on", "2026-10-01", "--as", C, "--reason", "Somebody else sat it."],
        ["completion", "restore", P, "--on", "2026-10-01", "--as", C, "--reason", "It was theirs."],
        *(["attest", "guidelines", "Social Media Guidelines", "--as", one] for one in (T, P)),
        *(["attest", "responsibility", "1", "--as", one] for one in (T, P)),
        ["drain"],
        REPORT,
        ["attest", "page", "1"],
        ["attest", "privacy", "1", "--as", T, "--privacy", "all"],
        ["attest", "notice", "1", "--as", C, "--evidence", "Looked at on a phone, signed in."],
        ["rotate", "record", "1", "--as", T, "--evidence", "vault/Lakeside Instagram"],
        ["rotate", "confirm", "1", "--as", P],
        ["account", "list"],
        ["account", "show", "@lakeside.school"],
        ["account", "why", "1"],
        ["why", "@lakeside.school", "--as", C],
        ["why", T],
        ["person", "why", "4", "--as", T],
        ["account", "timeline", "1"],
        ["request", "withdraw", "1", "--as", T],
        ["role", "grant", "communications officer", T, "--as", mail(SUPER)],
        ["people", "sample", "--school", "Sample School 1", "--left", "--limit", "3"],
        ["schools"],
        ["offices"],
        ["absences"],
        ["role", "end", "communications officer", T, "--reason", "An error.", "--as", C],
        ["designate", T, "--as", mail(SUPER)],
        ["designations"],
        ["designation", "end", T, "--reason", "An error.", "--as", mail(SUPER)],
        ["import", "training", str(made["training"]), "--as", C],
        ["import", "unmatched"],
        ["import", "settle-all", "students.example.org", "--ignore", "students", "--as", C],
        ["import", "settle", "1", "--ignore", "not one of ours", "--as", C],
        ["import", "accounts", str(made["accounts"]), "--as", mail(SUPER)],
        ["import", "accounts", str(made["mapped"]), "--as", mail(SUPER), "--map", "Konto=handle"],
        ["import", "mappings"],
        ["import", "unmap", "2", "--as", mail(SUPER)],
        ["attest", "page", "3"],
        ["account", "why", "3"],
        ["attest", "profile", "3", "--as", C, "--owner", T, "--evidence", "Looked at on a phone, signed in."],
        ["rotate", "review", "4", "--as", P, "--remove", T],
        ["check-in", "--all", "--as", T],
        ["enquiry", "log", "2", "--asks", "When does school begin?", "--as", mail(VICE)],
        ["enquiry", "list", "--school", "Sample School 1"],
        ["enquiry", "answer", "1", "--how", "directly", "--as", P],
        ["enquiry", "open", "1", "--reason", "They asked again.", "--as", P],
        ["enquiry", "close", "1", "--reason", "It was advertising.", "--as", C],
        ["enquiry", "report"],
        ["page", "report", PAGE, "--school", "Sample School 1", "--as", T],
        ["page", "list"],
        ["page", "dismiss", "1", "--reason", "It is a newspaper's.", "--as", C],
        ["page", "open", "1", "--reason", "It is a class's.", "--as", P],
        ["page", "adopt", "1", "--request", "1", "--as", P],
        ["page", "open", "1", "--reason", "It is another page.", "--as", P],
        ["page", "shut", "1", "--reason", "The principal shut it.", "--as", P],
        ["correction", "report", "--says", "School begins at ten.", "--account", "2", "--as", T],
        ["correction", "list"],
        ["correction", "acknowledge", "1", "--as", P],
        ["correction", "done", "1", "--outcome", "The post has the right time.", "--as", C],
        ["correction", "open", "1", "--reason", "It is there again.", "--as", C],
        ["correction", "close", "1", "--reason", "It was a joke.", "--as", C],
        ["contact", "report", "--says", "A message on a private account.", "--as", T],
        ["contact", "list", "--as", mail(SUPER)],
        ["contact", "show", "1", "--as", P],
        ["contact", "withdraw", "1", "--as", T],
        ["removal", "log", "2", "--ground", "disruptive", "--picture", str(made["picture"]), "--as", P],
        ["removal", "list", "--school", "Sample School 1"],
        ["removal", "show", "1", "--as", C],
        ["removal", "undo", "1", "--reason", "It was to the point.", "--as", P],
        ["removal", "export", str(made["export"]), "--as", C],
        ["account", "suspend", "2", "--as", C, "--reason", "It was taken over."],
        ["account", "ask-back", "2", "--as", P, "--reason", "The intruder is gone."],
        ["account", "hold", "2", "--as", C, "--vault", "vault/Lakeside page"],
        ["suspensions"],
        ["too much"],
        ["brake", "list", "--ended"],
        ["brake", "hold", "1", "--until", "2026-12-01", "--as", C, "--reason", "A slip."],
        ["brake", "release", "1", "--as", C, "--reason", "It is right."],
        ["finding", "list", "--clause", "5.4", "--new-since", "2026-10-01", "--school", "Sample School 1"],
        ["account", "reinstate", "2", "--as", C, "--reason", "It is ours again."],
        ["account", "stop", "2", "--as", C, "--reason", "It was taken over again."],
        ["account", "stops"],
        ["account", "confirm-stop", "2", "--as", mail(SUPER), "--through", "2026-12-18"],
        ["account", "reinstate", "2", "--as", C, "--reason", "It is ours again."],
        ["account", "add-administrator", "2", mail(DEPUTY), "--as", C],
        ["account", "remove-administrator", "2", T, "--as", C, "--reason", WHY],
        ["account", "keep-administrator", "2", T, "--as", C, "--reason", WHY],
        ["account", "replace-administrator", "2", T, "--by", mail(VICE), "--as", C, "--reason", WHY],
        ["account", "rename", "2", "--handle", "@lakeside.now", "--as", C, "--reason", WHY],
        ["account", "move", "2", "--school", "Sample School 2", "--as", C, "--reason", WHY],
        ["account", "hand-over", "2", "--administrator", P, "--as", C, "--reason", WHY],
        ["account", "show", "@lakeside.page"],
        ["account", "exempt", "2", "--as", C, "--until", "2026-12-18", "--reason", WHY],
        ["account", "unexempt", "2", "--as", C, "--reason", WHY],
        ["somebody was named"],
        [
            "account",
            "decide-administrator",
            "2",
            mail(OTHER_PRINCIPAL),
            "decline",
            "--as",
            C,
            "--reason",
            WHY,
        ],
        ["account", "close", "2", "--as", C, "--reason", WHY],
        ["account", "keep", "2", "--as", C, "--reason", WHY],
        ["account", "close", "2", "--at-once", "--as", C, "--reason", WHY],
        ["account", "open", "2", "--as", C, "--reason", WHY],
        ["import", "roster", str(made["roster"]), "--dry-run", "--as", C],
        ["school", "confirm", "Sample School 2", "--as", C],
        ["school", "close", "Sample School 2", "--as", C],
        ["school", "open", "Sample School 2", "--as", C],
        ["school", "merge", "Sample School 2", "--into", "Sample School 1", "--as", C, "--reason", WHY],
        ["import", "roster", str(made["somebody left"]), "--as", C],
        ["import", "unmatched"],
        ["import", "same", "1", "--same", "--as", C],
        ["somebody left long ago"],
        ["person", "export", mail(20), str(made["person"]), "--as", C, "--reason", WHY],
        ["person", "forget", mail(20), "--as", C, "--reason", WHY],
        ["person", "return", mail(DEPUTY), "--as", C],
        ["person", "merge", mail(DEPUTY), "--into", P, "--as", C, "--reason", WHY, "--dry-run"],
        ["mail", "list", "--all"],
        ["mail", "release", "--all", "--as", C],
        ["backup", str(made["backup"])],
        ["audit", "verify"],
        ["audit", "list", "--person", C, "--account", "1", "--from", "2026-01-01", "--to", "2030-01-01"],
        ["audit", "head"],
        ["advised"],
        ["attest", "advice", "--as", C],
        ["advice", "show"],
        ["advice", "replies"],
        ["advice", "report", "--school", "Sample School 1"],
        ["person", "supervisor", T, "--is", P, "--as", C, "--reason", WHY],
        [*LEAVE, "--until", "2026-11-06", "--as", T],
        ["leave", "decide", "1", "grant", "--as", P, "--reason", "It is one journey."],
        ["leave", "renew", "1", "--until", "2026-11-20", "--as", T, "--reason", WHY],
        ["leave", "withdraw", "2", "--as", T],
        ["leave", "revoke", "1", "--as", P, "--reason", WHY],
        ["leaves", "--state", "revoked", "--for", "texting", "--of", T, "--school", "Sample School 1"],
        ["incident", "report", "--rule", "AP 170", "--tells", WHY, "--person", T, "--as", P],
        ["incident", "take-on", "1", "--as", C],
        ["incident", "answer", "1", "--answer", WHY, "--as", T],
        ["incident", "decide", "1", "warn", "--reason", WHY, "--as", C],
        ["incident", "outside", "1", "--note", WHY, "--as", C],
        ["incident", "appeal", "1", "--reason", WHY, "--as", T],
        ["incident", "decide-appeal", "1", "uphold", "--reason", WHY, "--as", mail(SUPER)],
        ["incident", "report", "--rule", "9", "--tells", WHY, "--account", "1", "--as", P],
        ["incident", "dismiss", "2", "--reason", WHY, "--as", C],
        ["incidents", "--state", "closed"],
        ["audit", "heads"],
        ["clauses"],
        ["clauses", "--on", "2026-10-20"],
        ["a page lacks it"],
        ["attest", "otherwise", "1", "--as", C, "--shows", "exact", "--evidence", "File 7."],
        ["policy", "check", str(POLICY)],
        ["policy", "diff", str(made["policy"])],
        ["policy", "try", str(made["policy"]), "--days", "0"],
        ["policy", "adopt", str(made["policy"]), "--in-place-of", "2026-09", "--as", C],
        ["policy", "list"],
        ["policy", "show", "2026-10"],
        ["control", "list"],
        ["control", "show", "daily-look"],
        ["control", "observe", "notice-on-page", "--reason", WHY, "--as", C],
        ["control", "enforce", "daily-look", "--from", "2027-01-11", "--reason", WHY, "--as", C],
        ["user", "bind", who_types().user, C, "--as", mail(SUPER)],
        ["user", "list"],
        ["user", "unbind", who_types().user, "--as", C],
        ["the clock ran ahead"],
        ["audit", "clock", "--as", C, "--reason", WHY],
    ]


async def lacking(world: World) -> None:
    """A look at the first account that found nothing."""
    await world.look(1, PageVerdict.MISSING)


async def advised(world: World) -> None:
    """Everybody was sent what they are advised."""
    for case in await guidance.due(world.runtime, world.now):
        await guidance.move(world.runtime, case, world.now)


async def left_long_ago(world: World) -> None:
    """Somebody who holds nothing any more."""
    await world.put(a_person(20, active=False))


async def named(world: World) -> None:
    """The principal of another school was named for the second account."""
    await world.put(an_access(2, OTHER_PRINCIPAL, state=AccessState.WAITING, proposed_by_id=PRINCIPAL))


#: What is no command, but happens in the store beside the terminal.
BESIDE = {
    "drain": World.drain,
    "too much": too_much,
    "somebody left long ago": left_long_ago,
    "a page lacks it": lacking,
    "the clock ran ahead": ran_ahead,
    "advised": advised,
    "somebody was named": named,
}
#: They need what `steward up` runs, and tests of the stack use them; the second line has tests of its own.
NEED_THE_STACK = {
    *(("up",), ("doctor", "look"), ("doctor", "rights"), ("sweep",)),
    *(("init",), ("restore",), ("service", "install"), ("import", "pull")),
    *(("machine", part) for part in ("prepare", "deploy", "api", "services", "worker", "pages")),
}


def every() -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command by its words."""

    def under(words: tuple[str, ...], command: object) -> Iterator[tuple[tuple[str, ...], object]]:
        inside = getattr(command, "commands", None)
        if inside is None:
            yield words, command
            return
        for name, one in inside.items():
            yield from under((*words, name), one)

    return under((), app)


def is_command(words: list[str]) -> bool:
    """Whether these words lead to a command; words after its name are its arguments."""
    found: Any = app
    for word in words:
        if not hasattr(found, "get_command"):
            return True
        found = found.get_command(found.context_class(found), word)
        if found is None:
            return False
    return True
