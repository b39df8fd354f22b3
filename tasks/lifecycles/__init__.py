"""What each lifecycle finds due and how one case of it moves: gather, decide and apply in one transaction.

Deciding happens inside the transaction that applies it, on facts read there: a decision on older facts
could suspend somebody whose completion has just arrived. The flows call these through tasks.steps.
"""
