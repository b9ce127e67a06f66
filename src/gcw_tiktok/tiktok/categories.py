"""TikTok's categories: which one fits a product, and what a listing in it must and may have."""

from pydantic import AliasChoices, Field

from gcw_tiktok.tiktok.client import Client, entries, path_part
from gcw_tiktok.tiktok.payload import Payload

TREE = {"category_version": "v2"}
"""The only tree that shops in the US may use; what is asked for by default is the other one."""
SALES = "SALES_PROPERTY"


class Category(Payload):
    """One node of the tree. TikTok calls its name `local_name` in the tree, `name` in a recommendation."""

    id: str
    name: str = Field(default="", validation_alias=AliasChoices("local_name", "name"))
    parent_id: str = ""
    is_leaf: bool = False
    permission_statuses: list[str] = Field(default_factory=list)
    """`AVAILABLE`, or why the shop may not list there."""

    @property
    def is_open(self) -> bool:
        """Whether the shop may list there, as far as TikTok says."""
        return not self.permission_statuses or "AVAILABLE" in self.permission_statuses


class Required(Payload):
    """Whether something must be given, and whether it may."""

    is_required: bool = False
    is_supported: bool = False


class Certification(Payload):
    """A document that some categories demand."""

    name: str = ""
    is_required: bool = False


class Rules(Payload):
    """What a listing in a category must and may have."""

    package_dimension: Required = Required()
    size_chart: Required = Required()
    product_certifications: list[Certification] = Field(default_factory=list)
    allowed_special_product_types: list[str] = Field(default_factory=list)
    """Of `MADE_TO_ORDER`, `CUSTOM`, `PRE_ORDER`: what this shop may use there."""


class AttributeValue(Payload):
    """A built-in value of an attribute."""

    id: str
    name: str = ""


class Attribute(Payload):
    """Something that a listing, or with `SALES_PROPERTY` each of its variants, has a value of."""

    id: str
    name: str = ""
    type: str = ""
    is_required: bool = Field(default=False, validation_alias=AliasChoices("is_requried", "is_required"))
    """TikTok spells it `is_requried`."""
    is_multiple_selection: bool = False
    is_customizable: bool = False
    values: list[AttributeValue] = Field(default_factory=list)

    @property
    def of_variants(self) -> bool:
        return self.type == SALES


def tree(client: Client) -> list[Category]:
    """Every category that the shop can see, roots first."""
    data = client.call("categories", "GET", "/product/{version}/categories", params=TREE, repeatable=True)
    return [Category.parse(entry) for entry in entries(data, "categories")]


def recommend(client: Client, title: str, description: str = "") -> list[Category]:
    """The category that TikTok finds fitting, with the way to it: root first, leaf last."""
    body = TREE | {"product_title": title} | ({"description": description} if description else {})
    path = "/product/{version}/categories/recommend"
    data = client.call("recommend_category", "POST", path, json=body, repeatable=True)
    leaf = str(data.get("leaf_category_id") or "")
    way = [Category.parse(entry) for entry in entries(data, "categories")]
    if leaf and leaf not in [one.id for one in way]:
        way.append(Category(id=leaf, name=leaf, is_leaf=True))
    return way


def rules(client: Client, category_id: str) -> Rules:
    """What a listing in this leaf must and may have."""
    path = f"/product/{{version}}/categories/{path_part(category_id)}/rules"
    return Rules.parse(client.call("category_rules", "GET", path, params=TREE, repeatable=True))


def attributes(client: Client, category_id: str) -> list[Attribute]:
    """The attributes of this leaf, of products and of variants."""
    path = f"/product/{{version}}/categories/{path_part(category_id)}/attributes"
    data = client.call("category_attributes", "GET", path, params=TREE, repeatable=True)
    return [Attribute.parse(entry) for entry in entries(data, "attributes")]
