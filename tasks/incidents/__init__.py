"""Reports that a policy or a law was broken: heard, decided, appealed, and what follows from them."""
