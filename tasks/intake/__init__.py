"""What people hand in: requests, decisions, completions, acknowledgements, reports.

Each function is one transaction: the person is looked up, may they do it is checked, the record, the
transition, the notices and the event are written, or nothing is.
"""
