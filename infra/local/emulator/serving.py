"""A quicker server of HTTP beneath the same program.

Hypercorn reads and writes HTTP in Python: a quarter of what each request costs here, and every call of every function
goes through this one process. uvicorn does the same by a parser in C. What is answered is decided above it, so nothing
is more or less strict.
"""

import hypercorn.asyncio
import uvicorn

KEEP_ALIVE_SECONDS = 75
# Streams of answers that nobody reads any more are not waited for.
SHUTDOWN_SECONDS = 2


async def _serve(app, config):
    host, port = config.bind[0].rsplit(":", 1)
    options = uvicorn.Config(
        app, host=host, port=int(port), http="httptools", ws="none", loop="none", lifespan="on", access_log=False,
        log_level="warning", server_header=False, date_header=False, backlog=1024, timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS)
    await uvicorn.Server(options).serve()


def install():
    hypercorn.asyncio.serve = _serve
