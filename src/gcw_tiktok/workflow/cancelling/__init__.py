"""Cancelling both ways: buyers' requests with their deadlines, and cancellations by the PSP."""
