"""Titles and descriptions in the form in which TikTok takes them."""

import html
import re

LONGEST_TITLE = 255
LONGEST_DESCRIPTION = 10_000
MOST_PICTURES = 30
TAG = re.compile(r"</?[a-z][a-z0-9]*(\s[^<>]*)?/?>", re.IGNORECASE)


def as_html(description: str) -> str:
    """HTML stays; of plain text each part between empty lines becomes a paragraph."""
    text = description.strip()
    if TAG.search(text):
        return text
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in parts if part)


def faults_of_title(title: str) -> list[str]:
    """What TikTok would refuse a title for."""
    if not title.strip():
        return ["The listing needs a title."]
    if len(title) > LONGEST_TITLE:
        return [f"The title has {len(title)} characters; TikTok takes {LONGEST_TITLE}."]
    return [] if title.isprintable() else ["The title contains characters that cannot be printed."]


def faults_of_description(text: str) -> list[str]:
    """What TikTok would refuse a description (as HTML) for."""
    pictures = len(re.findall(r"<img\b", text, re.IGNORECASE))
    faults = []
    if not text:
        faults.append("The listing needs a description.")
    if len(text) > LONGEST_DESCRIPTION:
        faults.append(f"The description has {len(text)} characters as HTML; TikTok takes {LONGEST_DESCRIPTION}.")
    if pictures > MOST_PICTURES:
        faults.append(f"The description shows {pictures} pictures; TikTok takes {MOST_PICTURES}.")
    return faults
