"""The policy that is used is the one that was adopted."""
