"""A reader for each kind of file that can be printed: `read(stream)` gives its facts, or says what is wrong with it."""
