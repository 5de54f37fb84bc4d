"""The volunteers' pages: who waits, one ticket at a time, what is said to the person."""
