"""Parcels: their numbers, TikTok's labels, and what TikTok is told of them."""
