"""What the program that started this one asks of it, through standard input.

The line ``save`` writes the state as an orderly end does: the package writes it at its end only,
so that a machine that loses power would lose everything. The end of the input ends this
process, so that it never outlives its starter, however that one ended.
"""

import os
import signal
import sys
import threading

from ministack import app


def _follow(lines):
    for line in lines:
        if line.strip() == "save" and app._MAIN_LOOP is not None:
            app._MAIN_LOOP.call_soon_threadsafe(app.save_all, app._build_persistence_save_dict())
    os.kill(os.getpid(), signal.SIGTERM)


def install():
    if os.environ.get("PORTICO_LIFELINE"):
        threading.Thread(target=_follow, args=(sys.stdin,), name="lifeline", daemon=True).start()
