"""What passes between an app and the sandbox is as every description of TikTok Shop's API says, or is explained."""

import pytest

from contract import scenario
from contract.exchanges import PRESENT, Difference, odd_in_events, odd_in_reply, odd_in_request
from contract.known import BETWEEN_DESCRIPTIONS, explained, unexplained
from contract.marks import needs_an_oracle
from contract.scenario import Played
from gcw_tiktok.sandbox import routes
from gcw_tiktok.sandbox.doings.webhooks import SAMPLES


@pytest.fixture(scope="module")
def played() -> Played:
    return scenario.play()


@pytest.fixture(scope="module")
def differences(played: Played) -> set[Difference]:
    passed = {odd for each in played.exchanges for look in (odd_in_request, odd_in_reply) for odd in look(each)}
    return passed | set(odd_in_events(played.events))


def test_every_call_is_made_with_success(played: Played) -> None:
    made = {each.route for each in played.exchanges if each.succeeded}
    missing = set(routes.everything()) - set(routes.PAGES) - made
    assert not missing, sorted(f"{each.method} {each.path}" for each in missing)


def test_every_kind_of_webhook_is_made_that_the_sandbox_has(played: Played) -> None:
    assert {each.topic for each in played.events} >= set(SAMPLES)


def test_nothing_is_unexplained(differences: set[Difference]) -> None:
    odd = sorted(unexplained(differences))
    assert not odd, "\n".join(map(str, odd))


@needs_an_oracle
def test_known_differences_still_occur(differences: set[Difference]) -> None:
    listed = {each for each in explained() if not each.what.endswith(BETWEEN_DESCRIPTIONS) and each.oracle in PRESENT}
    assert listed
    gone = sorted(listed - differences)
    assert not gone, "\n".join(map(str, gone))
