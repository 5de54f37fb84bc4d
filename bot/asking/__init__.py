"""What people asked in vain: gathered by what it asks, and made into drafts of answers."""
