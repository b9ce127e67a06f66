"""gcw catalog model: how products are built."""

from typing import Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import catalog_words as words
from gcw_tiktok.commands.options import Csv, Json, act, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.store.tables import ProductModel
from gcw_tiktok.workflow.catalog import editing, exporting, now, shapes
from gcw_tiktok.workflow.catalog.editing import ModelEdit
from gcw_tiktok.workflow.catalog.now import Now

app = typer.Typer(add_completion=False, no_args_is_help=True, help="How products are built: attributes, print areas.")
MAY_GO = ("safe", "personalise", "color_spaces", "transparency", "pages")
"""Columns of a print area that a narrow terminal does without, in the order in which they go."""
Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model's name or id.")]
Description = Annotated[str | None, typer.Option(help="What it is; empty to remove it.")]
Attributes = Annotated[
    list[str] | None, typer.Option("--attribute", metavar="NAME=VALUE,VALUE", help="An attribute with its values.")
]
Derived = Annotated[
    list[str] | None,
    typer.Option("--derived", metavar="NAME=FORMULA", help='What follows from others: "label={size} {color}".'),
]
Areas = Annotated[
    list[str] | None,
    typer.Option(
        "--area", metavar="NAME=WIDTHxHEIGHT", help="A print area with its trim size in mm; a design is required."
    ),
]
Parts = Annotated[
    list[str] | None, typer.Option("--part", metavar="NAME=MODEL", help="A part, which is a model itself.")
]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What you call the model.")],
    area: Areas = None,
    stock: Annotated[bool, typer.Option("--stock", help="Pick-and-pack: it takes no design.")] = False,
    attribute: Attributes = None,
    derived: Derived = None,
    part: Parts = None,
    description: Description = None,
    as_json: Json = False,
) -> None:
    """Add a model. More of its print areas is told with `gcw catalog model area`."""
    gcw = runtime(ctx)
    edit = _edit(description, False if stock else None, attribute, derived, part, area)
    with gcw.database.session() as session:
        changes = editing.add_model(session, act(gcw), name, edit)
        shown = _shown(now.load(session), editing.find(session, ProductModel, name))
    _print(shown, as_json=as_json)
    words.tell(changes)
    output.note(f"Next: gcw catalog product add NAME --model '{shown['name']}'")


@app.command("list")
def list_(ctx: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the models."""
    with runtime(ctx).database.view() as session:
        have = now.load(session)
    listed = [_shown(have, have.models[name]) for name in sorted(have.models)]
    output.rows(listed if as_json else map(_row, listed), as_json=as_json, as_csv=as_csv, may_go=["id"])
    if not listed:
        output.note("No models yet. Begin with `gcw catalog import FILE` or `gcw catalog model add NAME`.")


@app.command()
def show(ctx: typer.Context, model: Model, as_json: Json = False) -> None:
    """Show one model: its attributes, parts, print areas and products."""
    with runtime(ctx).database.view() as session:
        found = editing.find(session, ProductModel, model)
        shown = _shown(now.load(session), found)
    _print(shown, as_json=as_json)


@app.command()
def edit(
    ctx: typer.Context,
    model: Model,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    attribute: Attributes = None,
    size: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[AREA:]ATTRIBUTE:VALUE=WIDTHxHEIGHT", help="The trim size in mm that goes with a new value."
        ),
    ] = None,
    printed: Annotated[
        bool | None, typer.Option("--printed/--stock", help="Printed, or pick-and-pack without print areas.")
    ] = None,
    area: Areas = None,
    base: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What its products have, where an attribute is new to them."),
    ] = None,
    derived: Derived = None,
    part: Parts = None,
    description: Description = None,
    as_json: Json = False,
) -> None:
    """Change a model. An attribute, derived attribute or part is named empty (NAME=) to remove it."""
    gcw = runtime(ctx)
    wanted = _edit(description, printed, attribute, derived, part, area, size)
    with gcw.database.session() as session:
        found = editing.find(session, ProductModel, model)
        renamed = name is not None and editing.rename(session, act(gcw), found, name)
        changes = editing.edit_model(session, act(gcw), found, wanted, words.pairs(base, "--base"))
        shown = _shown(now.load(session), found)
    _print(shown, as_json=as_json)
    words.tell(changes, renamed=renamed)


@app.command()
def area(
    ctx: typer.Context,
    model: Model,
    area: Annotated[str, typer.Argument(metavar="AREA", help="A print area, such as default, front or back.")],
    size: Annotated[
        list[str] | None,
        typer.Option(metavar="[ATTRIBUTE:VALUE=]WIDTHxHEIGHT", help="The trim size in mm, or that for a value."),
    ] = None,
    required: Annotated[bool | None, typer.Option("--required/--optional", help="Whether it needs a design.")] = None,
    bleed: Annotated[float | None, typer.Option(metavar="MM", help="How far ink goes beyond the trim.")] = None,
    safe: Annotated[float | None, typer.Option(metavar="MM", help="How far within nothing important may lie.")] = None,
    min_dpi: Annotated[float | None, typer.Option(metavar="DPI", help="What is refused below.")] = None,
    wanted_dpi: Annotated[float | None, typer.Option(metavar="DPI", help="What looks sharp.")] = None,
    color_space: Annotated[
        list[str] | None, typer.Option(metavar="SPACE", help="Taken: srgb, cmyk, gray. Without any, all are.")
    ] = None,
    format: Annotated[list[str] | None, typer.Option(help="Taken: pdf, png, jpeg, tiff, svg.")] = None,
    pages: Annotated[str | None, typer.Option(metavar="N[-M]", help="How many pages a file has.")] = None,
    transparency: Annotated[str | None, typer.Option(metavar="WORD", help="One of needed, refused and any.")] = None,
    personalise: Annotated[list[str] | None, typer.Option(help="What a buyer may put here: text, image.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the print area.")] = False,
    as_json: Json = False,
) -> None:
    """Set a print area of a model, new or not; what is not named stays as it is."""
    gcw = runtime(ctx)
    facts = {
        "required": required,
        "bleed_mm": bleed,
        "safe_mm": safe,
        "min_dpi": min_dpi,
        "wanted_dpi": wanted_dpi,
        "color_spaces": color_space,
        "formats": format,
        "pages": words.pages(pages) if pages else None,
        "transparency": transparency,
        "personalise": personalise,
    }
    given = {name: value for name, value in facts.items() if value is not None}
    sizes = _by_value(size)
    if remove and (given or sizes):
        raise Usage("--remove stands alone.", "Leave the other options out.")
    with gcw.database.session() as session:
        found = editing.find(session, ProductModel, model)
        if remove:
            changes = editing.drop_area(session, act(gcw), found, area)
        else:
            changes = editing.set_area(session, act(gcw), found, area, given, sizes)
        shown = _shown(now.load(session), found)
    _print(shown, as_json=as_json)
    words.tell(changes)


@app.command()
def remove(ctx: typer.Context, model: Model, as_json: Json = False) -> None:
    """Remove a model that no product is made from."""
    gcw = runtime(ctx)
    with gcw.database.session() as session:
        found = editing.find(session, ProductModel, model)
        editing.remove_model(session, act(gcw), found)
    output.thing({"name": found.name, "removed": True}, as_json=as_json)


def _edit(
    description: str | None,
    printed: bool | None,
    attribute: list[str] | None,
    derived: list[str] | None,
    part: list[str] | None,
    area: list[str] | None,
    size: list[str] | None = None,
) -> ModelEdit:
    sizes = {}
    areas = {place: words.size(told, "--area") for place, told in words.pairs(area, "--area").items()}
    for place, told in words.sizes(size, "--size").items():
        if len(place) not in (2, 3):
            raise Usage(f"--size {':'.join(place)!r} names no value.", 'For example: --size "size:XL=381x457.2".')
        of, name, value = place if len(place) == 3 else ("", *place)
        sizes[of, name, value] = told
    return ModelEdit(
        description=description,
        printed=printed,
        attributes=words.lists(attribute, "--attribute"),
        derived=words.pairs(derived, "--derived"),
        parts=words.pairs(part, "--part"),
        sizes=sizes,
        areas=areas,
    )


def _by_value(size: list[str] | None) -> dict[tuple[str, str], tuple[float, float]]:
    sizes = {}
    for place, told in words.sizes(size, "--size").items():
        if place != ("",) and len(place) != 2:
            raise Usage(f"--size {':'.join(place)!r} is not ATTRIBUTE:VALUE.", 'For example: "size:XL=381x457.2".')
        sizes[(place[0], place[1]) if len(place) == 2 else ("", "")] = told
    return sizes


def _print(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.thing(shown, as_json=True)
        return
    told = {name: value for name, value in shown.items() if name not in ("print_areas", "areas", "choices")}
    attributes = [f"{name}: {', '.join(values)}" for name, values in shown["choices"].items()]
    output.thing(told | {"attributes": attributes})
    if shown["areas"]:
        output.heading("Print areas")
    output.rows([_area(area) for area in shown["areas"]], may_go=MAY_GO)


def _shown(have: Now, row: ProductModel) -> dict[str, Any]:
    told = exporting.model(row)
    models = have.shapes()
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "printed": row.printed,
        "attributes": row.attributes,
        "derived": row.derived or {},
        "parts": told.get("parts", {}),
        "choices": shapes.choices(models[row.name], models),
        "print_areas": told.get("print_areas", []),
        "areas": exporting.whole_areas(have, row),
        "products": [name for name, of in sorted(have.model_of.items()) if of == row.name],
    }


def _row(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": shown["id"],
        "name": shown["name"],
        "attributes": ", ".join(shown["choices"]),
        "parts": ", ".join(shown["parts"]),
        "print_areas": ", ".join(area["name"] for area in shown["areas"]) if shown["printed"] else "pick-and-pack",
        "products": len(shown["products"]),
    }


def _area(area: dict[str, Any]) -> dict[str, Any]:
    own = [f"{area['width_mm']:g} x {area['height_mm']:g}"] if "width_mm" in area else []
    by_value = [
        f"{value}: {width:g} x {height:g}"
        for sizes in area.get("sizes", {}).values()
        for value, (width, height) in sizes.items()
    ]
    fewest, most = area.get("pages", (1, 1))
    return {
        "name": area["name"],
        "required": area.get("required", False),
        "trim_mm": own + by_value,
        "bleed": f"{area['bleed_mm']:g}",
        "safe": f"{area.get('safe_mm', 0):g}",
        "dpi": f"{area['min_dpi']:g}-{area.get('wanted_dpi', 300):g}",
        "formats": ", ".join(area["formats"]),
        "color_spaces": ", ".join(area.get("color_spaces", ())),
        "pages": f"{fewest}" if fewest == most else f"{fewest}-{most}",
        "transparency": area.get("transparency", "any"),
        "personalise": ", ".join(area.get("personalise", ())),
    }
