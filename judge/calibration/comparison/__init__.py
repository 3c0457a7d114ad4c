"""Groups, versions and repeats of judgements, held against each other."""
