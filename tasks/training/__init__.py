"""Completions of courses: recorded, imported, matched."""
