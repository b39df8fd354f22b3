"""Microsoft's School Data Sync, v2 and v2.1: files of OneRoster's shape with words and columns of its own.

A user's name is mostly the address. In v2 a user's row says the role, in v2.1 rows of roles.csv do, with the
days from and through which it is held.
"""

from collections.abc import Mapping

from tasks.files.decoding import decode
from tasks.files.headers import plain, sniff
from tasks.files.parsing import Records
from tasks.files.roster_parts import Dialect, words

NAME = "School Data Sync"

DIALECT = Dialect(
    name=NAME,
    staff=words(
        "chair professor researcher adjunct affiliate occupationalTherapist physicalTherapist "
        "speechTherapist visionTherapist paraprofessional specialServices advisor nurse officeStaff lecturer "
        "itAdmin administrator teacher faculty staff teacherAssistant assistant instructor substitute coach "
        "aide aid"
    )
    | {"principal"},
    passed=words("student alumni other proctor parent guardian relative child doctor"),
    schools=words("school campus adultEducation"),
    divisions=words("district localAuthority") | {"division"},
    types=words(
        "school ministryOfEducation localAuthority department university region district college "
        "local campus province state adultEducation researchCenter national municipality program "
        "departmentOfEducation academicTrust"
    )
    | {"division"},
    begins="roleStartDate",
    ends="roleEndDate",
    by_username=True,
    unmentioned=words("activeDirectoryMatchId grade sessionSourcedId"),
)
#: Columns that OneRoster's users.csv always has, and School Data Sync's never.
_ONEROSTER = words("status dateLastModified enabledUser")


def version(files: Mapping[str, bytes]) -> str:
    """Which School Data Sync these files are of: "School Data Sync v2" or "v2.1"; "" for none of them."""
    if "manifest.csv" in files or "users.csv" not in files:
        return ""
    headers = _headers(files["users.csv"], "users.csv")
    if "username" not in headers or headers & _ONEROSTER:
        return ""
    return f"{NAME} v2" if "role" in headers else f"{NAME} v2.1"


def _headers(content: bytes, name: str) -> set[str]:
    """The header's plain names. Raises BadFile."""
    text = Records(decode(content, name), name)
    first = text.next_line() or ""
    while first and (not first.strip() or first.lower().startswith("sep=")):
        first = text.next_line() or ""
    record = next(text.records(sniff(first, ("sourcedId", "username", "role")), first))
    return {plain(one) for one in record.cells}
