"""Production: what carries a released order to it, and what comes back from it."""
