"""How common something is, when a judge that errs looked at all of it."""
