"""gcw: print for your customers' TikTok Shops, from the terminal."""

__version__ = "0.1.0"
