"""What a test order came to, as a page or a file for scripts. Nothing of a recipient is in it."""

import json
from collections.abc import Mapping
from typing import Any


def page(found: Mapping[str, Any]) -> str:
    """The test as a page in Markdown."""
    rows = "\n".join(
        f"| {one['check']} | {one['order']} | {one['result']} | {_cell(one['found'])} | {_cell(one['command'])} |"
        for one in found["checks"]
    )
    verdict = "Every check passed." if found["passed"] else "Not every check has passed."
    return (
        f"# Test of {found['store']}\n\n"
        f"{found['at']}. Customer {found['customer']}, facility {found['facility']}, variant {found['sku']}. "
        f"{verdict}\n\nThe order was handed over to {found['hand_off']}, and nothing of it was made.\n\n"
        f"| check | order | result | found | next |\n|---|---|---|---|---|\n{rows}\n"
    )


def json_text(found: Mapping[str, Any]) -> str:
    """The same for scripts."""
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
