"""What others say that TikTok Shop takes, our description takes too."""

from collections.abc import Iterator

from contract import our_description
from contract.exchanges import PRESENT, Difference
from contract.known import BETWEEN_DESCRIPTIONS, explained, unexplained
from contract.marks import needs_an_oracle
from contract.shapes import compare

pytestmark = needs_an_oracle


def narrower() -> Iterator[Difference]:
    """Where our description refuses what another one takes.

    That ours knows more is left to the exchanges: they show whether the sandbox sends it and whether gcw does.
    Nor is it compared what must be there, since the others mark hardly anything as required.
    """
    for method, path in our_description.served():
        ours = our_description.call(method, path)
        for name, oracle in PRESENT.items():
            theirs = oracle.call(method, path)
            for part in ("query", "body") if ours and theirs else ():
                here, there = getattr(ours, part), getattr(theirs, part)
                for finding in compare(here, there) if here and there else ():
                    if not finding.what.startswith("only here"):
                        yield Difference(f"{method} {path}", part, finding.member, name, finding.what)


def test_our_description_takes_what_the_others_take() -> None:
    assert not list(unexplained(narrower()))


def test_known_differences_between_descriptions_still_exist() -> None:
    listed = {each for each in explained() if each.what.endswith(BETWEEN_DESCRIPTIONS) and each.oracle in PRESENT}
    assert listed
    assert not listed - set(narrower())


def test_calls_need_the_cipher_where_the_others_say_so() -> None:
    for method, path in our_description.served():
        ours = our_description.call(method, path)
        for name, oracle in PRESENT.items():
            theirs = oracle.call(method, path)
            if ours and theirs:
                assert ours.cipher == theirs.cipher, (name, method, path)
