"""Waiting times that cost more than what they wait for.

Nagle's algorithm on the Lambda Runtime API delays each warm invocation by about 40 ms, and
Scheduler looks for due schedules every 10 s, where a test waits for one.
"""

import socketserver

from ministack.services import scheduler

TICK_SECONDS = 1


def install():
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True
    if not hasattr(scheduler, "_SCHEDULE_TICK_INTERVAL"):
        raise SystemExit("emulator: the scheduler's tick has another name")
    scheduler._SCHEDULE_TICK_INTERVAL = TICK_SECONDS
