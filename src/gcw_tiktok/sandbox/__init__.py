"""A pretend TikTok Shop for laptops, training rooms and CI: the same paths, signatures, checks and codes."""
