"""What to do about TikTok's refusals and warnings when parcels are told: the next command for each code."""

import re

from gcw_tiktok.errors import GcwError
from gcw_tiktok.tiktok.errors import TikTokError

AGAIN = "gcw orders ship {order} --carrier NAME --tracking NUMBER"
SHOW = "gcw orders show {order}"
COMPARE = f"Compare the number and the carrier with the label, then run `{AGAIN}` with the right ones."
OWN_NUMBER = f"Give this parcel a number of its own: `{AGAIN}`."
LOOK = f"Take in how it stands with `gcw orders pull`, then see `{SHOW}`."
KEEPS = "The parcel keeps its number; tell the buyer the right one in Seller Center's chat."
STOP = f"Run `gcw orders pull`; `{SHOW}` tells what is cancelled and what production must stop."
RULES = "A rule of TikTok's forbids it now; the shop's notices in Seller Center say which. Then run the same again."
TOGETHER = (
    "TikTok has put it into one package with other orders. Ship that package in Seller Center, or take the order out "
    "of it there and run `gcw orders pull`."
)
UNDELIVERABLE = (
    "The carrier does not deliver there. The order may be cancelled without penalty: `gcw orders cancel {order}`, "
    "which lists the reasons; the one for an address that cannot be delivered to fits."
)

ADVICE: dict[int, str] = {
    **dict.fromkeys((11028006, 21004015, 21004016, 21011022), COMPARE),
    21004012: f"Write the number's letters, digits and hyphens only: `{AGAIN}`.",
    21011025: f"The number is on an order for somebody else; orders for one recipient only may share it. {OWN_NUMBER}",
    **dict.fromkeys((21011026, 21034012), f"A number may be on 20 orders at most, all for one recipient. {OWN_NUMBER}"),
    21011029: LOOK,
    21011048: f"The order has several parcels: name the units of this one, `{AGAIN} --line LINE`; `{SHOW}` lists them.",
    21011036: "Units of one variant must travel in one parcel here: ship them together, without --line.",
    **dict.fromkeys((21008116, 21008117), LOOK),
    **dict.fromkeys((21011033, 21011046), TOGETHER),
    21011035: "TikTok does not let it be split: ship all its units together, without --line.",
    **dict.fromkeys((21008044, 21011007), "The buyer asks for something about it: see `gcw orders cancellations`."),
    **dict.fromkeys((21011041, 21011042, 25001010), STOP),
    21011004: "TikTok ships it with its own label, which sets the number.",
    **dict.fromkeys((21008025, 21008043), "TikTok sends it from its own warehouse: nothing is to be done here."),
    **dict.fromkeys((10007002, 21042057, 21011008, 21008109), LOOK),
    21011043: f"It has not been shipped yet, so there is nothing to correct: `{AGAIN}`.",
    **dict.fromkeys((21011027, 21011030), f"It has arrived. {KEEPS}"),
    **dict.fromkeys((21011049, 21011050), f"TikTok takes corrections for 72 hours. {KEEPS}"),
    **dict.fromkeys((21011051, 21011052), f"TikTok takes one correction. {KEEPS}"),
    **dict.fromkeys((21014009, 21021010), UNDELIVERABLE),
    21011028: "It belongs to another shop: see `gcw store list`, and whether the right one was authorized.",
    **dict.fromkeys((21004010, 21008106), "TikTok does not offer this call to the shop: use Seller Center."),
    **dict.fromkeys((21004024, 21011003, 21011012, 21011013, 21032001), RULES),
}
"""By TikTok's code; of all others their kind says enough."""

MEANT = re.compile(r"did you mean to select (?P<carrier>[^?]+)\?", re.IGNORECASE)


def advise(error: GcwError, order_id: str) -> None:
    """Gives a refusal of TikTok's the command that helps, where its code tells more than its kind."""
    if isinstance(error, TikTokError) and error.tiktok_code in ADVICE:
        error.hint = ADVICE[error.tiktok_code].format(order=order_id)


def of_warning(warning: str, order_id: str, number: str) -> str:
    """What to do about TikTok's doubt of a number that it took; empty where it has none."""
    if not warning:
        return ""
    if meant := MEANT.search(warning):
        other = meant["carrier"].strip()
        return f'If {other} carries it: gcw orders ship {order_id} --correct --carrier "{other}" --tracking {number}'
    if "timed out" in warning.lower() or "timeout" in warning.lower():
        return "TikTok could not check the number in time. Compare it with the label; if it is right, nothing is to do."
    command = f"gcw orders ship {order_id} --correct --carrier NAME --tracking NUMBER"
    return f"Compare it with the label. If it is wrong, correct it once within 72 hours: {command}"
