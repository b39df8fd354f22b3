"""What Steward writes to people about: a notice is one class here and one template in tasks/mail.

Importing this package reads all its modules, so that every class is registered.
"""

from importlib import import_module
from pkgutil import iter_modules

from policy.notices.base import KINDS, NoticeContext, NoticeKind, Rows, View, read

__all__ = ["KINDS", "NoticeContext", "NoticeKind", "Rows", "View", "read"]

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)
