"""Prefect's API, and the runs that our events ask for."""
