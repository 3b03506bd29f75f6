"""The local AWS: one pinned emulator, corrected where it would let something pass that AWS refuses.

Started by the ``local`` program; everything comes from the environment (``GATEWAY_PORT``,
``STATE_DIR``, ``S3_DATA_DIR``, ...). It listens on loopback only: its control addresses
(``/_ministack/...``: mail, SMS, reset) ask for no credentials.

Each module here corrects one thing and says which. They wrap functions of the installed
package while it starts, so any other version of it is refused. This is test equipment and
is never deployed.

What stays laxer than AWS, and must be asserted on the request instead: the key pair of the
environment is root and passes every policy; PartiQL carries no leading key; S3 never calls
KMS; ciphertexts of KMS have no authentication tag; time zones of Scheduler are ignored.
"""

import importlib.metadata
import os
import sys

SUPPORTED = "1.5.33"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def refuse(why):
    sys.exit(f"emulator: {why}")


found = importlib.metadata.version("ministack")
if found != SUPPORTED:
    refuse(f"its corrections are written for ministack {SUPPORTED}, found {found}")
# The package reads these while it is imported.
if os.environ.setdefault("BIND_HOST", "127.0.0.1") not in LOOPBACK:
    refuse("its control addresses ask for no credentials: it may listen on loopback only")
if os.environ.setdefault("AUTH", "true").lower() != "true":
    refuse("without AUTH=true no policy is evaluated")

import cloudformation  # noqa: E402
import decisions  # noqa: E402
import dynamodb_context  # noqa: E402
import guardduty  # noqa: E402
import http_events  # noqa: E402
import key_conditions  # noqa: E402
import kms_rules  # noqa: E402
import lifeline  # noqa: E402
import mail  # noqa: E402
import nested_stacks  # noqa: E402
import news  # noqa: E402
import pace  # noqa: E402
import policy_variables  # noqa: E402
import receiving  # noqa: E402
import serving  # noqa: E402
import sessions  # noqa: E402
import sms  # noqa: E402
import streams  # noqa: E402
import timing  # noqa: E402
import traces  # noqa: E402
import transport  # noqa: E402
import version_ranges  # noqa: E402

for correction in (decisions, dynamodb_context, kms_rules, policy_variables, transport, mail, news, receiving, sms, cloudformation,
                   nested_stacks, guardduty, http_events, key_conditions, streams, traces, timing,
                   version_ranges, sessions, pace, serving, lifeline):
    correction.install()

from ministack import app  # noqa: E402

# It would tell its health at /health of every host, so that this address of the portal never reached the portal.
app._HEALTH_PATHS = ("/_ministack/health",)

if __name__ == "__main__":
    app.main()
