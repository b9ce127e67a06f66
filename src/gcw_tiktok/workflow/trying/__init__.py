"""Tries a store with an order that is never made."""
