"""Public sets that people labelled: none comes with the library, each at one's wish.

What they label is near to the three rubrics, never the same: every output says so.
"""
