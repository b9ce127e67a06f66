"""Tests that need an oracle are skipped, with the reason, where it is absent."""

import pytest

from contract import october_models, tiktok_description
from contract.exchanges import PRESENT

needs_tiktok = pytest.mark.skipif(bool(tiktok_description.ABSENT), reason=tiktok_description.ABSENT)
needs_october = pytest.mark.skipif(bool(october_models.ABSENT), reason=october_models.ABSENT)
needs_an_oracle = pytest.mark.skipif(not PRESENT, reason=f"{tiktok_description.ABSENT}; {october_models.ABSENT}")
