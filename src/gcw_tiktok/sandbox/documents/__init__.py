"""What TikTok Shipping prints: labels and packing slips, drawn when somebody asks for them."""
