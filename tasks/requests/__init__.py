"""Requests for accounts, and their decisions."""
