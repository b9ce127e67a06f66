"""Eight at once ask a server for something small, again and again: `crowd.py URL REQUESTS [ACCESS]`.

With the access to a sandbox the requests are signed calls for one order; without, they are bare.
"""

import http.client
import json
import sys
import time
from threading import Thread
from urllib.parse import urlencode, urlsplit

from gcw_tiktok.tiktok.signing import sign

THREADS = 8


def targets(requests: int, access: dict[str, str]) -> list[str]:
    """What is asked for, signed beforehand."""
    if not access:
        return ["/"] * requests
    path = "/order/202507/orders"
    query = {"app_key": access["app_key"], "timestamp": str(int(time.time())), "shop_cipher": access["cipher"]}
    made = []
    for order_id in access["orders"].split(","):
        asked = query | {"ids": order_id}
        asked["sign"] = sign(access["app_secret"], path, asked.items())
        made.append(f"{path}?{urlencode(asked)}")
    return [made[number % len(made)] for number in range(requests)]


def ask(place: str, asked: list[str], token: str, wrong: list[str]) -> None:
    connection = http.client.HTTPConnection(place)
    for target in asked:
        connection.request("GET", target, headers={"x-tts-access-token": token})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or (token and b'"code":0' not in body):
            wrong.append(body.decode())
    connection.close()


def main(url: str, requests: int, access: dict[str, str]) -> None:
    place, asked = urlsplit(url).netloc, targets(requests, access)
    wrong: list[str] = []
    threads = [
        Thread(target=ask, args=(place, asked[number::THREADS], access.get("token", ""), wrong))
        for number in range(THREADS)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    print(f"{requests / took:.0f} requests a second")
    if wrong:
        raise SystemExit(f"{len(wrong)} answers were wrong: {wrong[0]}")


main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]) if sys.argv[3:] else {})
