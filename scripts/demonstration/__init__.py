"""The demonstration: its rows, and a whole bot of them in memory."""
