from pathlib import Path

from conftest import EXAMPLES

STORE = "Paper Harbor"
SKU = "POSTER-HARBOR-18X24-MATTE"
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
GLOSSY = "flat_product_pf_18x24-inch_pt_200-gsm-coated-glossy_cl_4-0_ver"
DESIGNS = EXAMPLES / "designs"
POSTER = DESIGNS / "harbor-poster-18x24.pdf"
CONNECT: tuple[str | Path, ...] = ("products", "connect", STORE, SKU, UID, "--design", POSTER)
