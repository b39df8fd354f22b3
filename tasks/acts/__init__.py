"""Acts: whatever a person can do, declared once; its command and its run form are made from it."""
