"""A file of rules that say what variants print, by what their shop calls them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as every_combination

from gcw_tiktok.workflow.catalog import marked_yaml
from gcw_tiktok.workflow.catalog.marked_yaml import Fields, Value
from gcw_tiktok.workflow.catalog.offer import OrderableUid
from gcw_tiktok.workflow.catalog.shapes import in_words
from gcw_tiktok.workflow.listings import patterns
from gcw_tiktok.workflow.listings.patterns import NotAName, NotAPattern, Pattern

TITLE, SELLER_SKU = "title", "seller_sku"


@dataclass(frozen=True)
class Rule:
    """What variants that look so print."""

    name: str
    line: int
    """Where it stands in its file."""
    patterns: Mapping[str, Pattern]
    """By `title`, `seller_sku`, or `options.` with an option's name."""
    product: str
    values: Mapping[str, str]
    """A template for each attribute of the product."""
    words: Mapping[str, Mapping[str, str]]
    """By attribute: what the shop's words are called in the catalog."""
    designs: Mapping[str, str]
    """A template for each print area."""


@dataclass(frozen=True)
class Outcome:
    """What a rule says of one variant: a product and its designs, or why it cannot say."""

    rule: Rule
    uid: OrderableUid | None = None
    sources: Mapping[str, str] | None = None
    trouble: str = ""


def read(text: str, name: str) -> list[Rule]:
    """The rules of a file; `BadInput` lists every fault by its line."""
    value = marked_yaml.read(text, name)
    fields = value.fields("rules")
    if not fields.get("rules"):
        value.fault('"rules" is missing')
    rules = [_rule(item) for item in fields.items("rules")]
    value.faults.raise_any()
    return rules


def apply(
    rule: Rule, title: str, seller_sku: str, options: Mapping[str, str], offered: Sequence[OrderableUid]
) -> Outcome | None:
    """What the rule says of a variant; None where the variant does not look so."""
    ways = list(_readings(rule, title, seller_sku, options))
    if not ways:
        return None
    if len(ways) > 1:
        return Outcome(rule, trouble="it can be read in several ways")
    values = {name: patterns.filled(template, ways[0]) for name, template in rule.values.items()}
    for attribute, words in rule.words.items():
        if values[attribute] not in words:
            return Outcome(rule, trouble=f"words has no {attribute} {values[attribute]!r}")
        values[attribute] = words[values[attribute]]
    found = [one for one in offered if one.product == rule.product and one.values == values]
    if len(found) != 1:
        few = "no" if not found else "more than one"
        return Outcome(rule, trouble=f"the customer's catalog has {few} {rule.product} with {in_words(values)}")
    try:
        sources = {area: patterns.source(template, ways[0]) for area, template in rule.designs.items()}
    except NotAName as error:
        return Outcome(rule, trouble=str(error))
    return Outcome(rule, found[0], sources)


def _readings(rule: Rule, title: str, seller_sku: str, options: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The parts, in each way in which all patterns can be read together; a part that stands in several of them is
    the same everywhere."""
    texts = {TITLE: title, SELLER_SKU: seller_sku} | {f"options.{name}": value for name, value in options.items()}
    ways = [pattern.readings(texts.get(where, "")) for where, pattern in rule.patterns.items()]
    for together in every_combination(*ways):
        parts: dict[str, str] = {}
        for one in together:
            if any(parts.get(name, part) != part for name, part in one.items()):
                break
            parts |= one
        else:
            yield parts


def _rule(value: Value) -> Rule:
    fields = value.fields("name", "when", "product", "values", "words", "designs")
    found = _patterns(fields)
    known = {name for pattern in found.values() for name in pattern.parts}
    values = _templates(fields, "values", known)
    return Rule(
        name=fields.required("name"),
        line=value.node.start_mark.line + 1,
        patterns=found,
        product=fields.required("product"),
        values=values,
        words=_words(fields, values),
        designs=_templates(fields, "designs", known),
    )


def _patterns(fields: Fields) -> dict[str, Pattern]:
    when = fields.get("when")
    if when is None:
        fields.whole.fault('"when" is missing')
        return {}
    given = when.fields(TITLE, SELLER_SKU, "options")
    texts = {name: given.given[name] for name in (TITLE, SELLER_SKU) if name in given.given}
    texts |= {f"options.{name}": value for name, value in given.entries("options").items()}
    if not texts:
        when.fault("say what the variants look like: title, seller_sku or options")
    found = {}
    for where, value in texts.items():
        try:
            found[where] = patterns.pattern(value.text())
        except NotAPattern as error:
            value.fault(str(error))
    return found


def _templates(fields: Fields, name: str, known: set[str]) -> dict[str, str]:
    found = {}
    for key, value in fields.entries(name).items():
        found[key] = value.exact()
        try:
            unknown = [part for part in patterns.names_in(found[key]) if part not in known]
        except NotAPattern as error:
            value.fault(str(error))
            continue
        for part in unknown:
            value.fault(f'"when" has no part {{{part}}}{marked_yaml.did_you_mean(part, known)}')
    return found


def _words(fields: Fields, values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found = {}
    for attribute, value in fields.entries("words").items():
        if attribute not in values:
            value.fault(f'"values" has no {attribute}{marked_yaml.did_you_mean(attribute, values)}')
        found[attribute] = {word: meaning.text() for word, meaning in value.entries().items()}
    return found if set(found) <= set(values) else {}
