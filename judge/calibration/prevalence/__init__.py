"""How common a behaviour is, the judge's errors corrected."""
