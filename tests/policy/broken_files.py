"""Policy files with one thing wrong: what stands in ours, what comes instead, and what is said of it."""

from pathlib import Path

from schemas.settings import ROOT

SHIPPED = ROOT / "policy" / "ap151.toml"

REFUSED = [
    # what stands there, what comes instead, what is said after the file's name and the line
    (
        'zone = "America/Edmonton"',
        'zone = "Edmonton"',
        'organization.zone = "Edmonton": there is no time zone',
    ),
    ('province = "AB"', 'province = "ZZ"', 'organization.province = "ZZ": the holidays of this country and'),
    (
        "valid_days = 365",
        'valid_days = "365"',
        'id focus-on-privacy].valid_days = "365": it should be a valid',
    ),
    ("valid_days = 365", "valid_days = 365.0", "].valid_days = 365.0: it should be a valid integer"),
    ("valid_days = 365", "valid_days = true", "].valid_days = true: it should be a valid integer"),
    ("valid_days = 365", "valid_days = 0", "].valid_days = 0: it should be greater than"),
    ('title = "Focus on Privacy"\n', "", "courses[1, id focus-on-privacy].title: this key is missing."),
    (
        "valid_days = 365",
        "valid_dayz = 365",
        '].valid_dayz: the policy has no such key; did you mean "valid_days"?',
    ),
    (
        "[organization]",
        '[policies]\nid = "x"\n\n[organization]',
        'policies: the policy has no such key; did you mean "policy"?',
    ),
    (
        "before_lapse = 30",
        "before_lapse = 0",
        "clauses[15, id 5.2].controls[1, as privacy-course].asked_days_before_lapse = 0: it should be",
    ),
    (
        "before = [30, 7, 1, 0]",
        "before = [7, 7]",
        "as password-change].reminders_days_before: reminders go out nearer",
    ),
    (
        "digest_at = 08:15:00",
        "digest_at = 08:15:00\ndays_off_end_said_days_before = [14, 60]",
        "days_off_end_said_days_before: reminders go out nearer",
    ),
    (
        'kind = "change the password"',
        'kind = "change the password"\nreminders_school_days_before = [5]',
        "the reminders to change the password stand in the control password-change",
    ),
    (
        'kind = "confirm the new password"',
        'kind = "confirm the new password"\nreminders_days_before = [7]',
        "in days or in school days, not in both",
    ),
    ('id = "focus-on-privacy"', 'id = "Focus"', 'courses[1, id Focus].id = "Focus": use small letters'),
    (
        'id = "focus-on-privacy"',
        'id = "focus-on-privacey"',
        "the file has no course 'focus-on-privacy'; did you mean \"focus-on-privacey\"?",
    ),
    (
        "last = 2026-08-28",
        "last = 2026-06-01",
        'days_off[1, name Summer break 2026].last = "2026-06-01": the last day must not come before',
    ),
    ("last = 2026-08-28", "last = 2206-08-28", "days_off[1, name Summer break 2026].last"),
    ("last = 2026-08-28", "last = 2026-09-28", "Organizational day begins before Summer break"),
    ("opens = 08:00:00", "opens = 17:00:00", "working_hours.closes"),
    ("digest_at = 08:15:00", "digest_at = 07:00:00", "working_hours.digest_at"),
    ('"Thursday", "Friday"]', '"Friday", "Friday"]', "working_hours.days: Friday stands here twice"),
    ('"Thursday", "Friday"]', '"Thurday", "Friday"]', 'did you mean "Thursday"?'),
    (
        'platform = "TikTok"\nversion',
        'platform = "MySpace"\nversion',
        "checklists[6, platform MySpace].platform: the file has no platform 'MySpace'",
    ),
    (
        'platform = "TikTok"\nv',
        'platform = "X"\nv',
        "checklists[6, platform X].platform: X stands here twice",
    ),
    ('platform = "TikTok"\nv', 'platform = "X"\nv', "checklists: the checklist for TikTok is missing"),
    (
        'id = "two-step", text = "Two-step verification is required',
        'id = "tagging", text = "X',
        "checklists[1",
    ),
    ('name = "TikTok"', 'name = "X"', "platforms[6, name X].name: X stands here twice"),
    ('mode = "single sign-on"', 'mode = "shared password"', "shared password stands here twice"),
    (
        'mode = "single sign-on"',
        'mode = "shared password"',
        "custody: the custody mode single sign-on is missing",
    ),
    ('[[clauses]]\nid = "13"', '[[clauses]]\nid = "12"', "clauses[34, id 12].id: 12 stands here twice"),
    (
        'use = "look"',
        'use = "looks"',
        '.use = "looks": the code has no such kind of control; did you mean "look"?',
    ),
    ('use = "look"\n', "", "as daily-look].use: this key is missing; it says which kind of control it is"),
    ('as = "daily-look"', 'as = "notice-on-page"', "another control has this name: notice-on-page"),
    ('mode = "observe"', 'mode = "of"', 'mode = "of": it should be'),
    ('held_by = ["tools-first"]', "", "clauses[3, id 2.1]: say what holds it"),
    ('held_by = ["tools-first"]', 'held_by = ["tool-first"]', 'did you mean "tools-first"?'),
    (
        'title = "Uses to avoid"',
        'title = "Uses"\nplanned = "Much."',
        "clauses[7, id 3]: say in `asks` what it asks",
    ),
    (
        'held_by = ["tools-first"]',
        'held_by = ["tools-first"]\nby_people = "It is so."',
        "what controls hold is not left to people",
    ),
    (
        'levels = ["school"]',
        'levels = ["schools"]',
        "the file has no level 'schools'; did you mean \"school\"?",
    ),
    ('levels = ["school"]', "levels = []", "as school-administrators].levels: this must not be empty"),
    ('text = "personal accounts"\n', 'text = "personal account"\n', 'did you mean "personal accounts"?'),
    ('notice = "social-media-notice"', 'notice = "notice"', "the file has no notice 'notice'"),
    (
        'id = "13"\ntitle',
        'id = "13"\nserved_by = "us"\ntitle',
        "clauses[34, id 13].served_by: the policy has no such key",
    ),
    (
        'named_in = ["10"]',
        'named_in = ["99"]',
        "laws[2, name Copyright Act (Canada)].named_in: the file has no clause '99'",
    ),
    ('id = "item-2"', 'id = "item-1"', "].statements: the statement item-1 stands here twice"),
    ('text = "Obscene, racial', 'text = "" # ', "statements[3, id item-1].text: this must not be empty"),
    ('text = "Obscene, racial', 'text = "  " # ', "].statements: the statement item-1 is empty"),
    ("share_at_most = 0.2", "share_at_most = 20", "roster.deactivated_share_at_most = 20: it should be less"),
    ("share_at_most = 0.2", "share_at_most = nan", "roster.deactivated_share_at_most = NaN: it should be"),
    ("holders_at_least = 1\nothers_at_least = 1", "", "as school-administrators]: no account goes without"),
    (
        "others_at_least = 1\nnightly",
        "holders_at_least = 1\nnightly",
        "as classroom-administrators]: say which office",
    ),
    (
        'decided_by = "communications officer"\notherwise = "superintendent"',
        'decided_by = "communications officer"\notherwise = "school administrator"',
        "an account of the level division has no school, whose school administrator it could be",
    ),
    (
        "due_school_days = 5\n",
        "due_school_days = 1\n",
        "items[2, kind decide the request]: the first reminder",
    ),
    ("overdue_school_days = 8", "overdue_school_days = 3", "items[2, kind decide the request]: each climb"),
    ('to = "superintendent"', 'to = "super"', "the file has no office 'super'"),
    (
        'kind = "decide the request"',
        'kind = "mend a finding"',
        "items: the action item decide the request is missing",
    ),
    (
        '"https://www.example.org/guidelines/w',
        '"http://www.example.org/guidelines/w',
        "texts[2, id Website Guidelines].address",
    ),
    ('address = "https://www.example.org/guidelines/websites"\n', "", "give its `text`, or the `address`"),
    ("under_way_seconds = 5 ", "under_way_seconds = 90 ", "mail: a group under way could outlast its lease"),
    ("retry_longest_seconds = 3_600", "retry_longest_seconds = 3", "mail: the longest wait between tries"),
    ("give_up_after_seconds = 259_200", "give_up_after_seconds = 60", "mail: a notice would be given up"),
    (
        'clause = "14.12"',
        'clause = "14.13"',
        "points[12, clause 14.13].clause: the file has no clause '14.13'",
    ),
    (
        'designated_by = "superintendent"',
        'designated_by = "school administrator"',
        "as division-administrators].designated_by: name an office of the whole division; each school",
    ),
    (
        'as = "compliance"\ndecided_by = "communications officer"',
        'as = "compliance"\ndecided_by = "school administrator"',
        "as compliance].decided_by: name an office of the whole division; each school has its",
    ),
    ('clause = "2.4"', 'clause = "2.5"', "tools[4, id an account already approved].clause"),
]

#: Kinds of which the code reads the first: a second one, for the same level or in the same file, is refused.
SECONDS = {
    "corrections": "the whole file",
    "contact-report": "the whole file",
    "removal-log": "the whole file",
    "answer-within": "the level division",
    "display": "the level division",
    "approval": "the level division",
    "attested": "the level division",
    "identify-owner": "the level classroom",
    "look": "the level division",
    "rotate-secret": "the whole file",
    "list-review": "the whole file",
    "inventory": "the whole file",
    "sanction": "the whole file",
    "incident": "the whole file",
}

NOT_TOML = [
    ("[organization]", "[organization", "the closing ] of a table's name is missing"),
    ("valid_days = 365", "valid_days = 365\nvalid_days = 1", "this key stands here twice"),
    (
        'name = "Fall break"',
        "name = \u201cFall break\u201d",
        "these are typographic quotes; write straight ones",
    ),
    ("share_at_most = 0.2", "share_at_most = 0,2", "write a decimal point: 0.2"),
    ("first = 2026-06-27", "first = 27/06/2026", "write a date as 2026-09-01"),
    ("first = 2026-06-27", "first = 2026-6-27", "write a date as 2026-09-01"),
    ("opens = 08:00:00", "opens = 8:00", "write a time of day as 08:15:00"),
    ("rotates = true", "rotates = True", "write true or false, in small letters"),
    ('at = "school"', "at = school", 'put a text in straight quotes: "…"'),
    ('"Thursday", "Friday"]', '"Thursday" "Friday"]', "a comma or the closing ] of a list is missing"),
    ("valid_days = 365", "valid_days =", "a value is missing after ="),
    ('label = "Superintendent"', 'label = "Superintendent', "the closing quote of a text is missing"),
    ('label = "Superintendent"', "label = 'Superintendent", "the closing quote of a text is missing"),
    ('label = "Superintendent"', 'label = "Super"intendent"', r"a quote within a text is written \""),
    ('label = "Superintendent"', r'label = "Super\intendent"', "write a backslash twice"),
    ('label = "Superintendent"', 'label = "Superintendent",', "take out the comma or semicolon at the end"),
    ('label = "Superintendent"', "label: “Superintendent”", "these are typographic quotes"),
    ('label = "Superintendent"', 'label: "Superintendent"', "write = in the place of the :"),
    ('label = "Superintendent"', 'label = "Super" // the head', "a remark begins with #"),
    ('label = "Superintendent"', 'label\u00a0= "Superintendent"', "a space on this line is none"),
    ('label = "Superintendent"', '\ufefflabel = "Superintendent"', "a space on this line is none"),
    ('label = "Superintendent"', 'étiquette = "Superintendent"', "a key has plain letters"),
    ('label = "Superintendent"', "label = none", "take out a key that has no value"),
    ("first = 2026-06-27", "first = 27 June 2026", "write a date as 2026-09-01"),
    ("first = 2026-06-27", "first = June 27, 2026", "write a date as 2026-09-01"),
    ("first = 2026-06-27", "first = 2026/06/27", "write a date as 2026-09-01"),
    ("first = 2026-06-27", "first = 27-6-26", "write a date as 2026-09-01"),
    ("first = 2026-06-27", "first = 2026-06-31", "there is no such day"),
    ("first = 2026-06-27", "first = 2026-27-06", "there is no such day"),
    ("opens = 08:00:00", "opens = 8h00", "write a time of day as 08:15:00"),
    ("opens = 08:00:00", "opens = 8 am", "write a time of day as 08:15:00"),
    ("share_at_most = 0.2", "share_at_most = 20 %", "write a share as a decimal number"),
    ("share_at_most = 0.2", "share_at_most = .2", "write a digit before the decimal point"),
    ("valid_days = 365", "valid_days = 365 days", "write the number alone"),
    ("valid_days = 365", "valid_days = 3,650", "write a large number without commas or spaces"),
    ("valid_days = 365", "valid_days = \u2013365", "write a hyphen for minus"),
    ("[[offices]]", "[[offices]", "the closing ]] of a table's name is missing"),
    ("rotates = true", "rotates = TRUE", "write true or false, in small letters"),
]


def changed(path: Path, there: str, instead: str) -> tuple[Path, int]:
    """A policy file with one change, and the line where the change begins."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert there in text
    path /= "policy.toml"
    path.write_text(text.replace(there, instead, 1), encoding="utf-8")
    return path, text[: text.index(there)].count("\n") + 1
