"""What customers may order: product models, customer products made from them, and product UIDs."""

from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from gcw_tiktok.store.tables.columns import Table


class ProductModel(Table, table=True):
    """How a kind of product is structured: its attributes and the print areas that take a file."""

    __tablename__ = "product_model"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    description: str = ""
    printed: bool = True
    """False for pick-and-pack products, which come from stock and need no design."""
    attributes: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON)
    print_areas: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """One entry an area, with the members of `PrintArea`, and `sizes` by attribute and value."""
    parts: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON)
    """Models that it is put together from, such as a cover and its inner pages: name and model of each."""
    derived: dict[str, str] | None = Field(default=None, sa_type=JSON)
    """Attributes that follow from others: a formula by name."""


class CustomerProduct(Table, table=True):
    """A product model tailored to customers: fixed base attributes and the values a customer chooses."""

    __tablename__ = "customer_product"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    model_id: int = Field(foreign_key="product_model.id")
    description: str = ""
    base: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    variants: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON)
    published: bool = True
    all_customers: bool = False


class ProductAccess(Table, table=True):
    """That one customer may order one customer product."""

    __tablename__ = "product_access"

    product_id: int = Field(foreign_key="customer_product.id", primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", primary_key=True)


class ProductUid(Table, table=True):
    """One orderable variant. The UID is opaque: looked up, never computed."""

    __tablename__ = "product_uid"

    uid: str = Field(primary_key=True)
    product_id: int = Field(foreign_key="customer_product.id", index=True)
    values: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """What the customer chose, such as {"size": "18x24 in", "paper": "matte"}."""


class Category(Table, table=True):
    """A group of customer products, in the words that customers browse by."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


class CategoryEntry(Table, table=True):
    """That a customer product stands in a category."""

    __tablename__ = "category_entry"
    __table_args__ = (UniqueConstraint("category_id", "product_id"),)

    id: int | None = Field(default=None, primary_key=True)
    category_id: int = Field(foreign_key="category.id")
    product_id: int = Field(foreign_key="customer_product.id")
