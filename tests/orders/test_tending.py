"""What `gcw serve` tells of asking a connector how far its orders are."""

from typing import Any, cast
from unittest.mock import MagicMock

from gcw_tiktok.store.tables import Facility
from gcw_tiktok.workflow.production.results import FAILED, MOVED, Result
from gcw_tiktok.workflow.tending import Tending

UNCHANGED = "unchanged"


def test_what_a_connector_says_once_more_is_not_told_again_though_units_differ() -> None:
    facility = Facility(id=1, name="Far", hand_off="gelatoconnect:https://connect.example.com", created_at=1)
    going, shipped = Result("Far", "", "577", UNCHANGED), Result("Far", "", "577", UNCHANGED, why="It is shipped.")
    wrong = Result("Far", "", "577", FAILED, why="It is not to be made.")
    answers = [[shipped, going, wrong], [shipped, going, wrong], [going, Result("Far", "", "577", MOVED)], [shipped]]
    heard = MagicMock()
    tending = Tending(cast(Any, None), 1, heard, cast(Any, None), ask=lambda _: answers.pop(0))
    told = []
    while answers:
        tending._ask_connector(facility)
        told.append(heard.collected.call_count)
    assert told == [2, 2, 3, 4], "what is said again later, after it was not, is news"
