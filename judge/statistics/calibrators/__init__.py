"""From a score to a probability: the maps, their fits, and which to take."""
