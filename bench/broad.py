"""`gcw sandbox start` with listings of a hundred variants each: ten sizes in ten colours."""

from gcw_tiktok.cli import main
from gcw_tiktok.sandbox.listings import catalog
from gcw_tiktok.sandbox.listings.catalog import TEE, Choice, Kind

SIZES = Choice("100007", "Size", tuple((f"{inches} in", f"{inches}IN", inches * 10) for inches in range(8, 28, 2)))
COLOURS = Choice("100000", "Color", tuple((f"Shade {number}", f"SHADE{number}", 0) for number in range(1, 11)))

catalog.KINDS = (
    Kind("BROAD", "{} Shirt", TEE.material, TEE.price, (SIZES, COLOURS), TEE.category, TEE.weight, TEE.size),
)
main()
