"""What is printed: files, fetched once, pinned by their hash, checked and placed."""
