"""Label files as rows: one file a format, each yields ``(where, cells)``.

The cells are named as in `judge.labels.label.Label`; a format that has no word for
a field leaves it out.  What a tool's own words mean is not decided here, but by the
`Vocabulary` that the caller passes on.
"""
