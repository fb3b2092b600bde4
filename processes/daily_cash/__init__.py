"""The day's cash: counted, paid in on the same day and checked by somebody else (M11)."""
