"""`python -m gcw_tiktok`, the same as `gcw`."""

from gcw_tiktok.cli import main

main()
