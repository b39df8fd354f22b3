"""Signing in to the web pages: who somebody is, for how long, and with which browser."""
