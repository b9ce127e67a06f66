"""Tortures gcw with seeds: `python -m torture --seeds 20`, or `make torture SEEDS=20`.

Each seed plays a day in a print shop: buyers' whims, faults of every kind, up to four gcw at once, SIGKILL at random
moments and at places drawn from the seed. The same seed makes the same plan; what meets what is the machine's doing.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

from torture import place, processes
from torture.seed import SHOWN, Outcome, Play

ENGINES = ("sqlite", "postgresql")


def main(arguments: Sequence[str]) -> int:
    """The exit code: 1 where a seed found something wrong."""
    wanted = _read(arguments)
    engines = ENGINES if wanted.engine == "both" else (wanted.engine,)
    began = time.monotonic()
    outcomes = []
    processes.load_everything()
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gcw-torture-")))
        places = {}
        for engine in engines:
            (root / engine).mkdir()
            places[engine] = stack.enter_context(place.opened(engine, root / engine))
        for number in range(wanted.seeds):
            if wanted.seconds and time.monotonic() - began > wanted.seconds:
                break
            seed = wanted.first + number
            outcomes.append(_play(places[engines[number % len(engines)]], seed, wanted))
    print(_summary(outcomes, time.monotonic() - began), flush=True)
    return int(any(one.faults for one in outcomes) or not outcomes)


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m torture")
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds to play")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seconds", type=int, default=0, help="begin no seed after so many seconds")
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both", help="in turn, where it is both")
    carriers = ("folder", "connector", "dice")
    parser.add_argument("--carrier", choices=carriers, default="dice", help="how orders reach production")
    parser.add_argument("--orders", type=int, default=40, help="the most orders of a seed")
    parser.add_argument("--steps", type=int, default=40, help="how many steps a day has")
    parser.add_argument("--keep", default="torture-failed", help="where the folders of failing seeds are kept")
    return parser.parse_args(arguments)


def _play(where: place.Place, seed: int, wanted: argparse.Namespace) -> Outcome:
    shutil.rmtree(where.folder / "taken", ignore_errors=True)
    by_dice = Random(f"carrier {seed}").random() < 0.5
    connector = by_dice if wanted.carrier == "dice" else wanted.carrier == "connector"
    where.put_back(connector=connector)
    outcome = Play(where, seed, wanted.orders, wanted.steps, connector=connector).play()
    print(outcome.line(), flush=True)
    if outcome.faults:
        kept = Path(wanted.keep) / f"seed-{seed}-{where.engine}"
        where.keep(kept)
        more = f"--carrier {outcome.carrier} --orders {wanted.orders} --steps {wanted.steps}"
        print(f"  everything of it is in {kept}; again: ", end="")
        print(f"python -m torture --seeds 1 --first {seed} --engine {where.engine} {more}", flush=True)
    return outcome


def _summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    total: Counter[str] = sum((one.did for one in outcomes), Counter())
    wrong = [one for one in outcomes if one.faults]
    counted = ", ".join(f"{total[what]} {what}" for what in SHOWN if total[what])
    verdict = f"{len(wrong)} wrong: {', '.join(str(one.seed) for one in wrong)}" if wrong else "none wrong"
    return f"{len(outcomes)} seeds in {seconds:.0f} s: {counted}: {verdict}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
