"""Models of labelers: who is strict, and who errs how."""
