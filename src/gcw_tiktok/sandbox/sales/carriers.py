"""The carriers a US seller may name, and whose tracking numbers are whose."""

import re
from dataclasses import dataclass

ALLOWED = re.compile(r"[A-Za-z0-9-]+")
MISMATCH = (
    "The tracking number you entered does not match your selected logistics provider."
    " Check the tracking number and logistics provider."
)
UNKNOWN = "No logistics provider recognizes the tracking number you entered. Check the tracking number."


@dataclass(frozen=True)
class Carrier:
    """A shipping provider; `shape` is empty when its numbers have no known form."""

    id: str
    name: str
    shape: str = ""

    def claims(self, number: str) -> bool:
        """Whether the number certainly looks like one of this carrier's."""
        return bool(self.shape and re.fullmatch(self.shape, number, re.IGNORECASE))


CARRIERS = (
    Carrier("7117858858072016686", "USPS", r"9[1-5]\d{20}|9[1-5]\d{24}|[A-Z]{2}\d{9}US"),
    Carrier("7117859084333745966", "UPS", r"1Z[0-9A-Z]{16}"),
    Carrier("7129720299146184490", "FedEx", r"\d{12}|\d{15}|96\d{20}"),
    Carrier("7213986298535610158", "DHL Express", r"\d{10}|JD\d{16,18}"),
    Carrier("7220301902846625579", "DHL eCommerce", r"GM\d{16,20}"),
    Carrier("7248600717110282027", "Amazon Logistics", r"TBA\d{12}"),
    Carrier("7352738314622863120", "UniUni", r"UU[0-9A-Z]{14,18}"),
    Carrier("7352739623900022544", "Gofo Express", r"GF[0-9A-Z]{12,18}"),
    Carrier("7132708441138677550", "LaserShip", r"1LS[0-9A-Z]{9,14}|LX\d{8}"),
    Carrier("7132721393761781550", "OnTrac", r"[CD]\d{14}"),
    Carrier("7212612330725574442", "Veho"),
    Carrier("7212609771327719211", "OSM Worldwide"),
    Carrier("7212611208266909483", "TForce"),
    Carrier("7212608507307099946", "Better Trucks"),
    Carrier("7049196166784747269", "Asendia US"),
    Carrier("7254084300713232174", "AxleHire"),
    Carrier("7254085043432195882", "Lone Star Overnight"),
    Carrier("7260759364112221953", "Deliver-it"),
    Carrier("7260760118063531777", "GLS US"),
    Carrier("7443961280932611847", "GLS USA"),
    Carrier("7260761851384825602", "Spee-Dee"),
    Carrier("7260762638932510466", "Wizmo"),
    Carrier("7325327335803406082", "SpeedX", r"SPX[0-9A-Z]{9,18}"),
    Carrier("7347979279965095682", "First Mile"),
    Carrier("7352739982978582289", "ACI Logistix"),
)
BY_ID = {carrier.id: carrier for carrier in CARRIERS}


def warning(named: Carrier, number: str) -> str:
    """What TikTok Shop would remark about the number, or nothing."""
    others = [carrier.name for carrier in CARRIERS if carrier.claims(number)]
    if named.name in others:
        return ""
    if others:
        return f"{MISMATCH} Did you mean to select {others[0]}?"
    return UNKNOWN if named.shape else ""
