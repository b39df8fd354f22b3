"""The public holidays of one country and province, from the library `holidays`.

Importing `holidays.countries` imports the modules of all two hundred countries: a tenth of the start of each
command, and 8 MB in each process. A package of the same name and place whose own file is never run stands in
for it, so that only the country that is asked for is imported.
"""

import sys
from pathlib import Path
from types import ModuleType

import holidays
from holidays import HolidayBase, country_holidays

_COUNTRIES = "holidays.countries"


def public_holidays(country: str, province: str | None) -> HolidayBase:
    """The holidays of a country's province, looked up as years come. Codes are ISO 3166's.

    Raises NotImplementedError for a country or a province that the library does not know.
    """
    if _COUNTRIES not in sys.modules:
        package = ModuleType(_COUNTRIES)
        package.__path__ = [str(Path(holidays.__file__).parent / "countries")]
        sys.modules[_COUNTRIES] = package
    return country_holidays(country, subdiv=province)
