"""Accounts that were there before Steward."""
