"""Shared passwords and lists of administrators, renewed each year."""
