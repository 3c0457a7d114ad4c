"""Labelers and the judge, compared with each other."""
