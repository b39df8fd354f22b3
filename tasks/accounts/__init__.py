"""Accounts: from being approved to being live."""
