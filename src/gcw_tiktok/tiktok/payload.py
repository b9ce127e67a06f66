"""How TikTok Shop's JSON is read: only what gcw uses, and forgiving about how it is written."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from gcw_tiktok.tiktok.errors import HINTS, Unavailable


class Payload(BaseModel):
    """A part of an answer. What is null or empty counts as absent; numbers become text where ids are text."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True, populate_by_name=True
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, given: object, info: ValidationInfo) -> object:
        if info.context is AS_IT_IS or not isinstance(given, dict):
            return given
        return {
            name: [entry for entry in value if entry is not None] if isinstance(value, list) else value
            for name, value in given.items()
            if value is not None and value != ""
        }

    @classmethod
    def read(cls, raw: object) -> Self:
        """The model, read in half the time where nothing in it that is no text is null or empty. It is the same for
        models whose texts are empty where they are absent, and `Filled` where they must not be."""
        try:
            return cls.model_validate(raw, context=AS_IT_IS)
        except ValidationError:
            return cls.model_validate(raw)

    @classmethod
    def parse(cls, raw: object) -> Self:
        """The model, or a failure that names what is wrong without showing what was sent."""
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            name = cls.__name__.lower()
            raise Unavailable(
                f"TikTok Shop sent a {name} that cannot be read: {fault(error)}.", HINTS["retry"], kind="retry"
            ) from None


AS_IT_IS: dict[str, object] = {}
"""Tells that nothing is taken for absent."""

Filled = Annotated[str, Field(min_length=1)]
"""Text that is never empty where it is given."""


def decimal(value: object) -> Decimal | None:
    """A finite amount, written as text or number; None where it is neither."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


Money = Annotated[Decimal | None, BeforeValidator(decimal)]
"""A decimal amount in major units; None where TikTok sends none or nonsense."""

Moment = Annotated[int | None, AfterValidator(lambda seconds: seconds or None)]
"""Unix seconds; None where TikTok sends none or 0."""


def whole(value: object) -> int:
    """A whole number of TikTok's, written as number or text; 0 where it is neither."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def fault(error: ValidationError) -> str:
    """Why a payload could not be read, without what was in it."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'answer'}: {one['msg']}" for one in faults[:5])
