"""How soon pages are there when many people browse a large shop while its orders are pulled."""

import json
import random
import re
import sqlite3
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html import unescape
from pathlib import Path

import httpx

from bench import worlds
from gcw_tiktok.store.database import Database
from gcw_tiktok.workflow import customers
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.people import passwords, people

PEOPLE, OPERATORS = 50, 5
SECONDS = 30.0
PAUSES = (1.0, 3.0)
"""Seconds that somebody looks at a page before they go on."""
ORDERS_A_SECOND = 5
FOR_SALE = "SELECT sku_id FROM variant JOIN listing ON listing.id = listing_id WHERE listing.status = 'ACTIVATE'"
PASSWORD = "correct horse battery staple"
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)"')
FILES = (".csv", ".xlsx", ".png", "/export")
"""What is fetched and not looked at."""


def p95(home: Path, environment: dict[str, str], orders: int, listings: int) -> tuple[float, int]:
    """Seconds within which 95 of 100 pages came, and how many pages that were."""
    with worlds.sandbox(home, environment, orders, listings, broad=True) as sandbox:
        worlds.run(environment, "orders", "pull", "--since", "400d")
        _invite(sandbox.database)
        with _serve(environment) as address, _busy(environment, sandbox):
            took = _browse(address)
    return statistics.quantiles(took, n=20)[-1], len(took)


def _email(number: int) -> str:
    return f"person{number}@example.com"


def _invite(path: Path) -> None:
    """One after another they would take as long to come in as to browse: all have one password, kept once."""
    database = Database(f"sqlite:///{path}")
    with database.session() as session:
        act, owner = Act("bench", int(time.time())), customers.find(session, "Paper Harbor")
        kept = passwords.hashed(PASSWORD)
        for number in range(PEOPLE):
            customer = None if number < OPERATORS else owner
            person, _ = people.invite(session, act, customer, _email(number), "Person", str(number))
            people.set_password(session, act, person, kept)
    database.close()


@contextmanager
def _serve(environment: dict[str, str]) -> Iterator[str]:
    words = ["serve", "--port", "0", "--poll", "1", "--json"]
    process = subprocess.Popen(
        [*worlds.GCW, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    assert process.stdout is not None
    try:
        address: str = json.loads(process.stdout.readline())["address"]
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def _busy(environment: dict[str, str], sandbox: worlds.Sandbox) -> Iterator[None]:
    """Buyers order, which `gcw serve` takes in, and another gcw reads every order again and again."""
    over = threading.Event()

    def pull() -> None:
        while not over.is_set():
            worlds.run(environment, "orders", "pull", "--since", "400d")

    def buy() -> None:
        with closing(sqlite3.connect(sandbox.database)) as connection:
            found = [sku_id for (sku_id,) in connection.execute(FOR_SALE)]
        with httpx.Client(base_url=sandbox.access["api_url"], timeout=60) as http:
            while not over.wait(1 / ORDERS_A_SECOND):
                wish = {"lines": [{"sku_id": random.choice(found), "quantity": 1}]}
                http.post("/_sandbox/orders", json=wish).raise_for_status()

    threads = [threading.Thread(target=work, daemon=True) for work in (pull, buy)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=120)


def _browse(address: str) -> list[float]:
    took: list[float] = []
    failed: list[str] = []
    inside = threading.Barrier(PEOPLE)
    crowd = [threading.Thread(target=_person, args=(address, one, inside, took, failed)) for one in range(PEOPLE)]
    for person in crowd:
        person.start()
    for person in crowd:
        person.join()
    if failed:
        raise SystemExit(f"{len(failed)} pages failed, among them {failed[0]}")
    return took


def _person(address: str, number: int, inside: threading.Barrier, took: list[float], failed: list[str]) -> None:
    """Follows links at random, as somebody who looks for something does."""
    chance = random.Random(number)
    with httpx.Client(base_url=address, timeout=60, follow_redirects=True) as http:
        page = _sign_in(http, number)
        inside.wait()
        end = time.monotonic() + SECONDS
        time.sleep(chance.uniform(0, PAUSES[1]))
        while time.monotonic() < end:
            links = [one for one in map(unescape, LINK.findall(page)) if not one.endswith(FILES)]
            wanted = chance.choice(links or ["/"])
            start = time.perf_counter()
            answer = http.get(wanted)
            took.append(time.perf_counter() - start)
            if answer.status_code != 200:
                failed.append(f"{wanted}: {answer.status_code}")
                return
            page = answer.text
            time.sleep(chance.uniform(*PAUSES))


def _sign_in(http: httpx.Client, number: int) -> str:
    token = re.search(r'name="csrf_token" value="([^"]+)"', http.get("/sign-in").text)
    assert token is not None
    fields = {"csrf_token": token[1], "email": _email(number), "password": PASSWORD}
    answer = http.post("/sign-in", data=fields)
    if not answer.url.path.startswith("/stores"):
        raise SystemExit(f"{_email(number)} could not sign in: {answer.status_code}")
    return answer.text
