"""Connects thousands of variants by a file: out to a spreadsheet, filled in, and in again."""
