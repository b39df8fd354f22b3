"""One flow for each lifecycle: gather, decide, apply. They meet through events and the store only."""
