import pytest

from tiktok.far_side import FarSide


@pytest.fixture
def far() -> FarSide:
    return FarSide()
