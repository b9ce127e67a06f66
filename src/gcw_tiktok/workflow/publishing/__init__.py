"""New listings: decided from the catalog, checked, sent to TikTok, followed, and connected from birth."""
