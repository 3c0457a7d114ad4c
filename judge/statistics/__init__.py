"""Textbook statistics: arrays and counts in, numbers and intervals out.

Nothing here knows of transcripts, labels or judges; `judge.calibration` brings them.
"""
