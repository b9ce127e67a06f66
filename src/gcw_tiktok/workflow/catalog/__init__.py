"""What customers may order, and the files that say so."""
