"""Size charts: templates that listings of apparel name."""

from gcw_tiktok.sandbox.calls import searching
from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.listings import categories
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, PRODUCT_WRITES, PRODUCTS, Json, route

REUSABLE = "REUSABLE_TEMPLATE"


@route("POST", "/product/202407/sizecharts/search", DOCUMENTED, PRODUCTS, cipher=False)
def search(call: Call) -> Json:
    """A page of the seller's templates, or of the charts of a mode; ids count for more than a keyword."""
    charts = call.grant.seller.shops[0].size_charts
    ids, keyword = call.body.get("ids"), call.body.get("keyword", "").lower()
    mode = call.body.get("size_chart_mode")
    found = [
        {"template_id": chart_id, **chart}
        for chart_id, chart in charts.items()
        if (chart_id in ids if ids else keyword in chart["template_name"].lower())
        and mode in (None, chart.get("size_chart_mode", "REUSABLE_TEMPLATE"))
    ]
    page, token = searching.part(call, found)
    return {"next_page_token": token, "size_chart": [_shown(each) for each in page], "total_count": len(found)}


@route(
    "POST", "/product/202610/size_charts", DOCUMENTED, PRODUCT_WRITES,
    guess="The codes of refusals. Charts for a single product are found by their id only.",
)  # fmt: skip
def create(call: Call) -> Json:
    """A new template, or a chart for a single product."""
    category = categories.BY_ID.get(call.body["category_id"])
    if category is None or not category.is_leaf:
        raise business(12052023, "The category does not exist.")
    if not category.takes_size_chart:
        raise business(12052910, "The category does not support size charts.")
    reusable = call.body["size_chart_mode"] == REUSABLE
    if reusable and not call.body.get("template_name"):
        raise business(12052910, "A reusable template needs a template_name.")
    table = call.body["size_chart_data"]["table"]
    if any(len(row["cells"]) != len(table["headers"]) for row in table["rows"]):
        raise business(12052910, "Every row must have a cell for each header.")
    chart_id = call.world.mint.next("size_chart")
    call.shop.size_charts[chart_id] = {
        "template_name": call.body["template_name"] if reusable else "",
        "size_chart_mode": call.body["size_chart_mode"],
        "related_category_ids": [category.id],
        "size_chart_data": call.body["size_chart_data"],
    }
    call.effect = f"size chart {chart_id} created"
    return {"size_chart_id": chart_id}


def _shown(chart: Json) -> Json:
    """A template by id and name; whether it has pictures is Seller Center's affair."""
    return {"images": [], "template_id": chart["template_id"], "template_name": chart["template_name"]}
