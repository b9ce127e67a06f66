#!/bin/sh
# Every night: reads the stores, looks whether designs changed at their addresses, and ends with 8 where a variant that
# can be bought has no sound design. not-covered.csv then says which, why, and what to do. Any other code but 0 says
# that this could not be found out.
set -u
gcw products sync --json > synced.json || echo "Some stores were not read; the rest is told below."
gcw design recheck --csv > changed-designs.csv
gcw products coverage --min 100
found=$?
[ $found -ne 8 ] || gcw products coverage --csv > not-covered.csv
exit $found
