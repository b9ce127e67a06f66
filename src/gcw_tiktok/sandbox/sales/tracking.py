"""What carriers report of a package on its way."""

from dataclasses import dataclass

from gcw_tiktok.sandbox.sales.orders import Package

HOUR = 3_600


@dataclass(frozen=True)
class Scan:
    """One report, at a Unix time in seconds. The numbers of the kinds are the sandbox's own."""

    time: int
    code: int
    name: str
    text: str


def scans(package: Package) -> list[Scan]:
    """All reports of a package, newest first; none before it is shipped."""
    found = []
    if package.ship_time:
        found.append(Scan(package.ship_time, 100, "LABEL_CREATED", "Shipping label created, carrier awaiting item"))
    if package.collection_time:
        at = package.collection_time
        found.append(Scan(at, 200, "PICKED_UP", "Your package was picked up by the carrier"))
        found.append(Scan(at + 6 * HOUR, 300, "IN_TRANSIT", "Your package left the carrier's facility"))
    if package.delivery_time:
        at = package.delivery_time
        early = max(at - 5 * HOUR, package.collection_time)
        found.append(Scan(early, 400, "OUT_FOR_DELIVERY", "Your package is out for delivery"))
        found.append(Scan(at, 500, "DELIVERED", "Your package was delivered"))
    return found[::-1]


def until(package: Package, now: int) -> list[Scan]:
    """The reports that have come in by now."""
    latest = package.delivery_time or now
    return [scan for scan in scans(package) if scan.time <= min(now, latest)]
