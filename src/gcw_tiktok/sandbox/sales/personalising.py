"""What a buyer wanted on one unit, as a document. TikTok Shop does not publish its form: this one is a guess.

It is the listing's template for the variant with the buyer's texts and pictures filled in, so that the seller's own
ids of surfaces and areas, on which a print provider hangs its print files, are in it.
"""

from typing import Any

Json = dict[str, Any]
ABOUT = ("pod_template_id", "template_name", "remark")
OF_SURFACE = ("surface_name", "external_surface_id")
OF_AREA = ("area_name", "external_area_id", "area_type", "area_placement", "is_required")


def document(template: Json | None, wish: Json) -> Json:
    """The document of a wish: a text, a picture's address or an object for each area, named by its id or name.

    Without a template for the variant, every wish is an area of one surface; a wish that has surfaces stays as it is.
    """
    if "surfaces" in wish:
        return wish
    if template is None:
        areas = [_free_area(name, value) for name, value in wish.items()]
        return {"surfaces": [{"surface_name": "Default", "external_surface_id": "", "custom_areas": areas}]}
    about = {name: template[name] for name in ABOUT if name in template}
    return about | {"surfaces": [_surface(each, wish) for each in template.get("surfaces", [])]}


def _surface(surface: Json, wish: Json) -> Json:
    shown = {name: surface[name] for name in OF_SURFACE if name in surface}
    return shown | {"custom_areas": [_area(each, wish) for each in surface.get("custom_areas", [])]}


def _area(area: Json, wish: Json) -> Json:
    """An area with what the buyer put there, else with the seller's default."""
    shown = {name: area[name] for name in OF_AREA if name in area}
    value = wish.get(area.get("external_area_id", ""), wish.get(area.get("area_name", "")))
    if area.get("area_type") == "IMAGE":
        default = area.get("image_area", {}).get("default_image")
        return shown | {"image_area": _picture(value) if value else {"image": default} if default else {}}
    default_text = area.get("text_area", {}).get("default_text", "")
    return shown | {"text_area": _text(default_text if value is None else value)}


def _free_area(name: str, value: object) -> Json:
    is_picture = isinstance(value, str) and value.startswith(("http://", "https://"))
    content = {"image_area": _picture(value)} if is_picture else {"text_area": _text(value)}
    return {
        "area_name": name,
        "external_area_id": name,
        "area_type": "IMAGE" if is_picture else "TEXT",
        **content,
    }


def _picture(value: object) -> Json:
    return value if isinstance(value, dict) else {"image": {"url": str(value)}}


def _text(value: object) -> Json:
    return value if isinstance(value, dict) else {"text": str(value)}
