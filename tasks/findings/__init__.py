"""What the standing rules find: opened, resolved, listed, told."""
