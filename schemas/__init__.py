"""The vocabulary: tables, states, events, facts, forms and settings.

Nothing here starts Prefect, opens a socket or a session, or reads the clock.
"""
