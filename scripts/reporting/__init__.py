"""The report of a week: what is counted, what of it may be shown, and how it looks."""
