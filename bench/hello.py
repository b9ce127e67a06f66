"""The smallest Flask app under the waitress that serves the sandbox: what any such server costs. Prints its address."""

import logging

from flask import Flask
from waitress.server import create_server

from gcw_tiktok.sandbox.server import HOST, ONE_WRITE, THREADS

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    return "hello"


logging.getLogger("waitress.queue").setLevel(logging.ERROR)
server = create_server(app, host=HOST, port=0, threads=THREADS)
server.adj.send_bytes = ONE_WRITE
print(f"http://{HOST}:{server.effective_port}", flush=True)
server.run()
