"""What stores sell on TikTok, and what each variant of it prints."""
