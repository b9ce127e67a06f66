"""What the shops sell: listings, their variants, and how the API shows them."""
