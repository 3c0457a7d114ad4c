"""From the judge's score to the probability that people agree."""
