"""Writes the database's catalog as a file that an import takes back without a change."""

import json
from collections.abc import Mapping
from typing import Any

import yaml
from sqlmodel import Session

from gcw_tiktok.store.tables import ProductModel
from gcw_tiktok.workflow.catalog import now, print_areas, table
from gcw_tiktok.workflow.catalog.importing import CSV, JSON
from gcw_tiktok.workflow.catalog.now import Now
from gcw_tiktok.workflow.catalog.shapes import PART_OF

WIDTH = 110


def text(session: Session, format: str) -> str:
    """The whole catalog in this format; CSV holds the products' UIDs alone, one a row."""
    have = now.load(session)
    if format == CSV:
        return table.write(have)
    told = document(have)
    if format == JSON:
        return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=None)


def document(have: Now) -> dict[str, Any]:
    """The catalog as a file says it. UIDs that nothing offers any more stay behind: no file could bring them."""
    return {
        "models": [model(have.models[name]) for name in sorted(have.models)],
        "products": [product(have, name) for name in sorted(have.products)],
        "categories": [
            {"name": name, "products": sorted(products)} for name, products in sorted(have.categories.items())
        ],
    }


def model(row: ProductModel) -> dict[str, Any]:
    """One model's entry; what is empty or usual is left out."""
    return _filled(
        {
            "name": row.name,
            "description": row.description,
            **({} if row.printed else {"printed": False}),
            "attributes": row.attributes,
            "derived": row.derived,
            "parts": {part["name"]: part["model"] for part in row.parts or []},
            "print_areas": [print_areas.written(area, row.attributes) for area in row.print_areas],
        }
    )


def whole_areas(have: Now, row: ProductModel) -> list[dict[str, Any]]:
    """The model's print areas and, under each part's name, those of its parts."""
    whole = list(model(row).get("print_areas", []))
    for part in row.parts or []:
        areas = model(have.models[part["model"]]).get("print_areas", [])
        whole += [area | {"name": f"{part['name']}{PART_OF}{area['name']}"} for area in areas]
    return whole


def product(have: Now, name: str) -> dict[str, Any]:
    """One customer product's entry, with every UID that it offers."""
    row = have.products[name]
    entry = {
        "name": name,
        "model": have.model_of[name],
        "description": row.description,
        "base": row.base,
        "variants": row.variants,
    }
    return _filled(entry) | {
        "uids": [{"uid": uid, "values": values} for uid, values in table.in_order(row, have.uids_of(name))],
        "published": row.published,
        "customers": "all" if row.all_customers else sorted(have.access.get(name, ())),
    }


def _filled(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value is False or value}
