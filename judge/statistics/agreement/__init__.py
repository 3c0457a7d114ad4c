"""How far raters agree: coefficients over rating patterns, and their bootstrap."""
