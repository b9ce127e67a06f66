"""gcw design: looks at design files, and lays them on their print areas."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import design_placing, design_sources, design_sweep
from gcw_tiktok.commands.options import Json, runtime
from gcw_tiktok.errors import CheckFailed, Usage

if TYPE_CHECKING:
    from gcw_tiktok.workflow.designs.judging import Verdict

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Check, place and preview design files.")
Product = Annotated[str, typer.Option("--product", metavar="UID", help="The product UID to print on.")]


@app.command()
def check(
    ctx: typer.Context,
    product: Product,
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE]...", help="Paths or direct addresses, for the first area.")
    ] = None,
    area: Annotated[list[str] | None, typer.Option(metavar="AREA=FILE", help="A file for this print area.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings as well.")] = False,
    as_json: Json = False,
) -> None:
    """Check files against a product's print areas: what fits, what does not, how to mend it."""
    from gcw_tiktok.workflow.catalog import offer
    from gcw_tiktok.workflow.designs import judging

    if not files and not area:
        raise Usage("Name a file to check.", "Such as: gcw design check poster.pdf --product UID")
    gcw = runtime(ctx)
    with gcw.database.view() as session:
        wanted = offer.variant_of(session, product)
    pairs = judging.assign(wanted, files or [], area or [])
    with output.progress("Checking designs") as progress:
        verdicts = judging.judge(wanted, pairs, allow_private=gcw.settings.private_design_urls, progress=progress)
    _show(product, verdicts, as_json=as_json)
    counts = judging.count(verdicts)
    if counts["fail"] or (strict and counts["warn"]):
        raise CheckFailed(f"{judging.in_words(counts)}.", judging.first_mend(verdicts, strict=strict))
    output.note(f"{judging.in_words(counts)}.")


app.command("place")(design_placing.place)
app.command("preview")(design_placing.preview)


def _show(product: str, verdicts: "list[Verdict]", *, as_json: bool) -> None:
    if as_json:
        shown = [
            {
                "area": one.area,
                "file": one.source,
                "verdict": one.level,
                "facts": one.known,
                "checks": [_row(finding) for finding in one.findings],
            }
            for one in verdicts
        ]
        output.thing({"product_uid": product, "files": shown}, as_json=True)
        return
    for one in verdicts:
        output.heading(f"{one.source or 'No file'} on {one.area}")
        output.rows([_row(finding) for finding in one.findings], ["check", "verdict", "found", "wanted", "mend"])


def _row(finding: Any) -> dict[str, Any]:
    return {
        "check": finding.check,
        "verdict": finding.level,
        "found": finding.found,
        "wanted": finding.wanted,
        "sentence": finding.sentence,
        "mend": finding.mend,
    }


app.command()(design_sources.recheck)
app.command()(design_sources.accept)
app.command()(design_sweep.sweep)
