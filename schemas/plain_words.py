"""What pydantic found wrong in a field, in the words of whoever filled it in."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.language import half

#: By the kind of error; what stands in braces comes with it.
_SAID: Final[Mapping[str, str]] = {
    "missing": half("this is needed"),
    "string_too_long": half("at most {max_length} characters; yours has {length}"),
    "string_too_short": half("at least {min_length} characters"),
    "too_long": half("at most {max_length} of them; you gave {actual_length}"),
    "too_short": half("at least {min_length} of them"),
    "enum": half("one of {expected}"),
    "literal_error": half("one of {expected}"),
    "int_parsing": half("a whole number"),
    "int_type": half("a whole number"),
    "int_from_float": half("a whole number"),
    "date_parsing": half("a day, as 2026-09-30"),
    "date_from_datetime_parsing": half("a day, as 2026-09-30"),
    "date_from_datetime_inexact": half("a day, as 2026-09-30"),
    "date_type": half("a day, as 2026-09-30"),
    "datetime_parsing": half("a day and a time, as 2026-09-30 14:00"),
    "datetime_from_date_parsing": half("a day and a time, as 2026-09-30 14:00"),
    "datetime_type": half("a day and a time, as 2026-09-30 14:00"),
    "bool_parsing": half("yes or no"),
    "bool_type": half("yes or no"),
    "string_type": half("a text"),
    "tuple_type": half("one or several of them"),
    "greater_than": half("more than {gt}"),
    "greater_than_equal": half("at least {ge}"),
    "less_than": half("less than {lt}"),
    "less_than_equal": half("at most {le}"),
}


def why_wrong(error: Mapping[str, Any]) -> str:
    """Why a value does not do, as the end of a sentence that begins with its field.

    `error` is one of pydantic's own. What a validator of ours said is said as it is; a kind that is not
    known here keeps pydantic's words. The value itself is never in it: it may be a secret.
    """
    context = error.get("ctx", {})
    said = _SAID.get(str(error["type"]))
    if said is None:  # ours come with what was raised
        return str(context.get("error") or str(error["msg"]).lower())
    value = error.get("input")
    length = len(value) if isinstance(value, str) else 0
    return said.format(**{"length": length, "actual_length": "more", **context})
