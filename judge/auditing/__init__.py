"""Whether a judge holds: attacks, irrelevant changes, repeats and known answers."""
