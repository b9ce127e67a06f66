"""gcw products suggest: what variants could print, for reasons that are told."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import gathering
from gcw_tiktok.commands.asking import confirm
from gcw_tiktok.commands.options import AcceptChanged, Csv, Json, StoreName, Yes, act, runtime
from gcw_tiktok.commands.reading import read_text
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import stores

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.listings.suggesting import Suggestion

MOST_SHOWN = 200


def suggest(
    ctx: typer.Context,
    store: StoreName,
    rules: Annotated[str, typer.Option(metavar="FILE", help="Rules in YAML, such as examples/rules.yaml.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Connect what is suggested, after a question.")] = False,
    accept_changed: AcceptChanged = False,
    yes: Yes = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Propose connections: by equal seller SKUs, earlier versions and a file of rules."""
    from gcw_tiktok.workflow.listings import suggesting

    gcw = runtime(ctx)
    found, waiting, suggestions = _find(gcw, store, rules, accept_changed=accept_changed, dry_run=not apply)
    sound = [one for one in suggestions if one.verdict == suggesting.SUGGESTED]
    if apply and sound:
        if not yes and not (as_json or as_csv):
            _show(suggestions, as_json=False, as_csv=False)
        confirm(gcw, f"Connect {len(sound)} variants of {found.name} so?", yes)
        with gcw.database.session() as session:
            applied = {one.view.variant.sku_id for one in suggesting.apply(session, act(gcw), found, suggestions)}
        if yes or as_json or as_csv:
            _show(suggestions, applied, as_json=as_json, as_csv=as_csv)
        output.note(f"{len(applied)} variants are connected now.")
        if len(applied) < len(sound):
            output.warning(f"{len(sound) - len(applied)} were decided about meanwhile and stay as they are.")
    else:
        _show(suggestions, as_json=as_json, as_csv=as_csv)
        if sound:
            output.note(f"{len(sound)} suggestions. Connect them so with --apply.")
    rest = len(suggestions) - len(sound)
    output.note(f"{waiting} variants wait for a decision; {rest} proposals are not clear, and nothing is guessed.")


def _find(
    gcw: Runtime, name: str, rules: str, *, accept_changed: bool, dry_run: bool
) -> "tuple[Store, int, list[Suggestion]]":
    from gcw_tiktok.workflow.listings import rules as rule_files
    from gcw_tiktok.workflow.listings import suggesting

    given = rule_files.read(read_text(rules), rules) if rules else []
    with gcw.database.view() as session:
        store = stores.find(session, name)
        found = suggesting.find(session, store, given, rules)
    gathered = gathering.gather(gcw, found.sources, accept_changed=accept_changed, dry_run=dry_run)
    suggestions = suggesting.judge(found, gathered.pin)
    for words in gathered.warnings:
        output.warning(words)
    return store, found.waiting, suggestions


def _show(suggestions: "list[Suggestion]", applied: set[str] | None = None, *, as_json: bool, as_csv: bool) -> None:
    rows = [_row(one, applied or set()) for one in suggestions]
    if as_json or as_csv:
        output.rows(rows, as_json=as_json, as_csv=as_csv)
        return
    shown = [row | {"why": row["reason"] or row["trouble"]} for row in rows[:MOST_SHOWN]]
    output.rows(shown, ["seller_sku", "verdict", "product_uid", "designs", "why"])
    if len(rows) > MOST_SHOWN:
        output.note(f"... and {len(rows) - MOST_SHOWN} more (all of them with --json).")


def _row(one: "Suggestion", applied: set[str]) -> dict[str, Any]:
    variant = one.view.variant
    return {
        "listing": one.view.listing.title,
        "variant": " / ".join(variant.options.values()),
        "seller_sku": variant.seller_sku,
        "sku_id": variant.sku_id,
        "verdict": "connected" if variant.sku_id in applied else one.verdict,
        "product_uid": one.product_uid,
        "designs": {pinned.area: pinned.source for pinned in one.pinned},
        "reason": one.reason,
        "trouble": one.trouble,
    }
