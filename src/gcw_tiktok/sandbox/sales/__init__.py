"""What buyers order and what becomes of it: orders, parcels, cancellations."""
