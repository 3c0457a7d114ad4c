"""How many transcripts to label, and which."""
