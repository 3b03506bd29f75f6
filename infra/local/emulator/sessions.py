"""Sessions end while others begin. The package walks all of them at each AssumeRole, and fails it when another thread
adds one meanwhile: a worker then waits until its message comes again.
"""

import time

from ministack.services import sts

_EVERY_SECONDS = 30
_evicted = 0.0


def install():
    if not hasattr(sts, "_evict_expired_sessions") or not isinstance(getattr(sts, "_sessions", None), dict):
        raise SystemExit("emulator: STS keeps its sessions elsewhere")
    sts._evict_expired_sessions = evict


def evict():
    global _evicted
    now = time.time()
    if now - _evicted < _EVERY_SECONDS:
        return
    _evicted = now
    # One call copies them all, which no other thread can come into.
    for key, session in list(sts._sessions.items()):
        if sts._session_expired(session):
            sts._sessions.pop(key, None)
