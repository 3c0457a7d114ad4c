"""Whether two shares or two answers differ."""
