"""The addresses of labels and packing slips."""

from gcw_tiktok.sandbox.calls import finding
from gcw_tiktok.sandbox.documents import page
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.refusals import bad_parameter, business
from gcw_tiktok.sandbox.routes import DOCUMENTED, SHIPPING, Json, route
from gcw_tiktok.sandbox.sales.orders import Package

HERE = (page.LABEL, page.SLIP, page.BOTH, page.PICTURE)


@route(
    "GET",
    "/fulfillment/202309/packages/{package_id}/shipping_documents",
    DOCUMENTED,
    SHIPPING,
    guess="Documents are drawn by the sandbox, with the address in clear. "
    "A label can be fetched until the carrier has the package. "
    "Labels for hazardous goods, invoices and ZPL are refused as parameters.",
)
def shipping_document(call: Call) -> Json:
    """Where to fetch a document for a day."""
    package = finding.package(call, call.parameters["package_id"])
    kind, size = call.parameters["document_type"], call.parameters["document_size"].replace("0", "A6")
    if kind not in HERE or call.parameters["document_format"] != "PDF":
        raise bad_parameter("The document type or format is not offered in this market.")
    _check(package)
    url = page.address(call.world, call.origin, package, kind, size)
    return {"doc_url": url, "tracking_number": package.tracking_number}


def _check(package: Package) -> None:
    order = package.orders[0]
    if order.terms.by_tiktok:
        raise business(21008043, "The order is fulfilled by TikTok.")
    if order.shipping_type != "TIKTOK":
        raise business(21008017, "The package is shipped by the seller; there is no label of TikTok Shipping.")
    if package.status == "CANCELLED":
        raise business(21023059, "The package has been cancelled.")
    if package.status == "TO_FULFILL":
        raise business(21042104, "Ship the package first.")
    if package.status != "PROCESSING":
        raise business(21042102, "The label is no longer available after the package was picked up.")
