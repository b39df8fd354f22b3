"""The notices, one function a kind. Importing this registers every one of them in `tasks.mail.view.VIEWS`."""

from tasks.mail.kinds import access, accounts, requests, standing, suspensions

__all__ = ["access", "accounts", "requests", "standing", "suspensions"]
