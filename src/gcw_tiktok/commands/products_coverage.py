"""gcw products coverage: whether everything that is sold can be printed."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, Json, Stores, ago, runtime
from gcw_tiktok.errors import CheckFailed, SetupMissing
from gcw_tiktok.workflow import stores, times

if TYPE_CHECKING:
    from gcw_tiktok.workflow.listings.coverage import Coverage


def coverage(
    ctx: typer.Context,
    names: Stores = None,
    least: Annotated[
        float | None,
        typer.Option("--min", help="Exit code 8 where a store has less.", min=0, max=100, metavar="PERCENT"),
    ] = None,
    since: Annotated[str, typer.Option(help="What counts as new or changed: 24h, 7d.")] = "24h",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show which share of what is sold can be printed, and what breaks the rest, which --csv lists."""
    from gcw_tiktok.workflow.listings import coverage as covering

    gcw = runtime(ctx)
    start = gcw.now() - ago(since, "--since")
    with gcw.database.view() as session:
        named = [stores.find(session, name) for name in names or []] or stores.connected(session)
    found = [
        covering.of_store(gcw.database, store, gcw.profile.designs, start, listed=as_csv)
        for store in {store.id: store for store in named}.values()
    ]
    whole, mark = covering.total(found), None if least is None else Fraction(str(least))
    if as_csv:
        output.rows([_uncovered(one) for each in found for one in each.listed], as_csv=True)
    elif as_json:
        told = {
            "stores": [_told(one) for one in found],
            "total": _counts(whole),
            "min": least,
            "since": times.iso(start),
        }
        output.thing(told, as_json=True)
    else:
        _show(found, whole, since)
    if not found and mark is not None:
        raise SetupMissing("No store is connected here, so nothing was checked.", "Is this the right --profile?")
    if not found:
        output.note("No store is connected. Run `gcw store connect --customer NAME --facility NAME`.")
    _judge(found, mark)


def _judge(found: Sequence["Coverage"], mark: Fraction | None) -> None:
    below = [one for one in found if mark is not None and not one.reaches(mark)]
    if not below or mark is None:
        return
    told = ", ".join(f"{one.store} has {_percent(one.share) or 'never been synced'}" for one in below)
    worst = below[0]
    commands = [worst.examples[reason].command for reason, _ in worst.reasons.most_common(1)]
    hint = f"Next: {commands[0]}" if commands else "Run `gcw products sync`."
    raise CheckFailed(f"Less than {float(mark):g} % are covered: {told}.", hint)


def _show(found: Sequence["Coverage"], whole: "Coverage", since: str) -> None:
    lines = [*found, whole] if len(found) > 1 else found
    shown = [
        {
            "store": one.store or "all",
            "sellable": one.sellable,
            "covered": one.covered,
            "share": _percent(one.share) or "not synced",
            "new": one.new,
            "changed": one.changed,
            "ignored": one.ignored,
        }
        for one in lines
    ]
    output.rows(shown, may_go=["ignored"])
    broken = [row for one in found for row in _reasons(one)]
    if broken:
        output.heading("Not covered")
        columns = [*(["store"] if len(found) > 1 else []), "reason", "variants", "example", "why"]
        output.rows(broken, columns, may_go=["why"])
        for command in dict.fromkeys(row["command"] for row in broken):
            output.note(f"Next: {command}")
    if whole.new_uncovered:
        output.note(f"{whole.new_uncovered} of {whole.new} that are new since {since} ago are not covered.")


def _reasons(one: "Coverage") -> list[dict[str, Any]]:
    return [
        {
            "store": one.store,
            "reason": reason.value,
            "variants": count,
            "example": one.examples[reason].sku,
            "why": one.examples[reason].sentence,
            "command": one.examples[reason].command,
        }
        for reason, count in one.reasons.most_common()
    ]


def _told(one: "Coverage") -> dict[str, Any]:
    return {"store": one.store, "synced_at": times.iso(one.synced_at), **_counts(one), "reasons": _reasons(one)}


def _counts(one: "Coverage") -> dict[str, Any]:
    return {
        "sellable": one.sellable,
        "covered": one.covered,
        "share": None if one.share is None else _floor(one.share),
        "ignored": one.ignored,
        "new": one.new,
        "new_uncovered": one.new_uncovered,
        "changed": one.changed,
    }


def _floor(share: Fraction) -> float:
    """With one digit, and never rounded up: what is not whole is not 100."""
    return int(share * 10) / 10


def _percent(share: Fraction | None) -> str:
    return "" if share is None else f"{_floor(share):g} %"


def _uncovered(one: Any) -> dict[str, Any]:
    return {
        "store": one.store,
        "listing": one.variant.listing,
        "variant": one.variant.title,
        "seller_sku": one.variant.seller_sku,
        "sku_id": one.variant.sku_id,
        "product_uid": one.variant.product_uid or "",
        "reason": one.flaw.reason.value,
        "why": one.flaw.sentence,
        "seen": times.shown(one.variant.seen_at),
        "changed": times.shown(one.variant.changed_at),
        "command": one.command,
    }
