"""How well scores tell yes from no, and how good probabilities are."""
