"""A pretend order intake that takes its time, as one across the internet does: `intake.py SECONDS`.

It prints its address, takes orders with POST, and answers GET with how many it has and how many came twice.
"""

import sys
import threading
import time

from flask import Flask, request
from flask.typing import ResponseReturnValue
from waitress.server import create_server

THREADS = 32


def app(seconds: float) -> Flask:
    """Orders by reference; a second one of the same is counted, and refused."""
    made, seen, lock = Flask("intake"), dict[str, int](), threading.Lock()

    @made.post("/order")
    def submit() -> ResponseReturnValue:
        time.sleep(seconds)
        reference = request.get_json()["orderReferenceId"]
        with lock:
            seen[reference] = seen.get(reference, 0) + 1
        if seen[reference] > 1:
            return {"message": "It already exists"}, 400
        return {"id": f"gc-{reference}", "orderReferenceId": reference}

    @made.get("/order")
    def count() -> ResponseReturnValue:
        return {"orders": len(seen), "twice": sum(times > 1 for times in seen.values())}

    @made.delete("/order")
    def forget() -> ResponseReturnValue:
        seen.clear()
        return {}

    return made


server = create_server(app(float(sys.argv[1])), host="127.0.0.1", port=0, threads=THREADS)
print(f"http://127.0.0.1:{server.effective_port}/order", flush=True)
server.run()
