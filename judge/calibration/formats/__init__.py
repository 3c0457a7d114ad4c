"""Label files as rows: one file a format, each yields ``(where, cells)``.

The cells are named as in `judge.calibration.label.Label`; a format that has no word for
a field leaves it out.
"""
