"""The policy that is used: a changed file is looked at, tried and adopted."""
