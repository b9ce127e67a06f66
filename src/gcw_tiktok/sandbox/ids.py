"""Ids, tokens and request ids that look like TikTok Shop's and depend on nothing but the seed."""

import base64
import hashlib
import time
from collections import Counter

# Real ids share long leading digits by kind; ours do too, so that a person can tell them apart.
BASES = {
    "order": 577_100_000_000_000_000,
    "line": 577_500_000_000_000_000,
    "buyer": 7_494_200_000_000_000_000,
    "product": 1_729_400_000_000_000_000,
    "sku": 1_729_600_000_000_000_000,
    "new_product": 1_730_900_000_000_000_000,
    "new_sku": 1_731_100_000_000_000_000,
    "value": 1_733_000_000_000_000_000,
    "new_value": 1_734_500_000_000_000_000,
    "attribute": 7_213_000_000_000_000_000,
    "brand": 7_267_000_000_000_000_000,
    "size_chart": 7_318_100_000_000_000_000,
    "pod_template": 7_431_000_000_000_000_000,
    "package": 1_153_300_000_000_000_000,
    "cancel": 4_035_300_000_000_000_000,
    "cancel_line": 4_036_300_000_000_000_000,
    "return": 4_035_900_000_000_000_000,
    "return_line": 4_036_900_000_000_000_000,
    "shop": 7_495_110_000_000_000_000,
    "warehouse": 7_307_200_000_000_000_000,
    "delivery_option": 7_091_146_000_000_000_000,
    "service": 7_423_500_000_000_000_000,
    "shipping_service": 7_208_500_000_000_000_000,
    "draft": 1_154_400_000_000_000_000,
    "combine_group": 7_412_600_000_000_000_000,
    "personalisation": 789_000_000_000_000_000,
    "component": 577_900_000_000_000_000,
    "notification": 7_380_000_000_000_000_000,
}
STRIDE = 20_000_003


class Mint:
    """Makes ids: the same seed makes the same ids in the same order."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._made: Counter[str] = Counter()
        self._salts = {kind: int(self.digest("salt", kind)[:6], 16) for kind in BASES}

    def digest(self, *parts: object) -> str:
        """64 hex digits that depend on the seed and the parts."""
        return hashlib.sha256(":".join(map(str, (self.seed, *parts))).encode()).hexdigest()

    def at(self, kind: str, number: int) -> str:
        """The id of the `number`th thing of a kind."""
        scatter = (number * 48_271 + self._salts[kind]) % STRIDE
        return str(BASES[kind] + number * STRIDE + scatter)

    def next(self, kind: str) -> str:
        """The next unused id of a kind."""
        self._made[kind] += 1
        return self.at(kind, self._made[kind] - 1)

    def token(self, kind: str, prefix: str = "TTP_", size: int = 72) -> str:
        """An opaque secret such as an access token or a shop cipher."""
        self._made[kind] += 1
        digests = (self.digest(kind, self._made[kind], part) for part in range(size // 40 + 1))
        raw = base64.urlsafe_b64encode(bytes.fromhex("".join(digests))).decode().replace("=", "")
        return prefix + raw[:size]

    def request_id(self, now: int) -> str:
        """A request id: the UTC time followed by 20 hex digits."""
        self._made["request"] += 1
        stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now))
        return stamp + self.digest("request", self._made["request"])[:20].upper()
