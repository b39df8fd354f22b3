"""Gathering the frozen facts that decisions look at, within one transaction."""
