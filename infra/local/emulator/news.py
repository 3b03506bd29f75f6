"""SES event publishing: what became of a mail that was sent under a configuration set.

The package keeps event destinations and tells them nothing. Here each mail is delivered, or meets the
end that its address at the mailbox simulator names, and what the set's destination wants to hear is put on
the default event bus in SES's shape. ``soft@simulator.amazonses.com`` is ours: the simulator of AWS has no
address for a bounce that is not for good.

It also reads an input path with an index, ``$.a.b[0]``, which the package takes for a name.
"""

import email.utils
import json
import re
from datetime import datetime, timezone

from bodies import dict_of, list_of

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id
from ministack.services import eventbridge, ses, ses_v2

_ENDS = {
    "bounce": (("Bounce", "Permanent"),),
    "suppressionlist": (("Bounce", "Permanent"),),
    "soft": (("Bounce", "Transient"),),
    "complaint": (("Delivery", None), ("Complaint", None)),
}
_TYPES = {"Delivery": "Email Delivered", "Bounce": "Email Bounced", "Complaint": "Email Complaint Received"}


def _wants(name, kind):
    """Whether a destination of the set puts this kind of event on a bus."""
    destinations = dict_of(dict_of(ses_v2._config_sets.get(name)).get("EventDestinations"))
    return any(one.get("Enabled") and "EventBridgeDestination" in one and kind.upper() in list_of(one.get("MatchingEventTypes"))
               for one in destinations.values())


def _detail(kind, bounce_type, recipient, record, tags, source):
    # To the millisecond, as the service has it: news of the second in which an address was tried again are not of before.
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    more = ses._notification_detail(kind, recipient, now)
    if bounce_type:
        more["bounce"]["bounceType"] = bounce_type
    return {
        "eventType": kind,
        "mail": {
            "timestamp": now,
            "source": source,
            "sendingAccountId": get_account_id(),
            "messageId": record["MessageId"],
            "destination": [recipient],
            "headersTruncated": False,
            "commonHeaders": {"from": [source], "to": [recipient], "subject": record.get("Subject", "")},
            "tags": tags,
        },
        **more,
    }


def tell(params, record):
    """What is heard of a mail that was just sent."""
    name = ses._p(params, "ConfigurationSetName")
    if not name:
        return
    tags = {"ses:configuration-set": [name]}
    number = 1
    while ses._p(params, f"Tags.member.{number}.Name"):
        tags[ses._p(params, f"Tags.member.{number}.Name")] = [ses._p(params, f"Tags.member.{number}.Value")]
        number += 1
    source = email.utils.parseaddr(record["Source"])[1]
    entries = []
    for recipient in record["To"]:
        local, _, domain = recipient.lower().partition("@")
        ends = (("Delivery", None),)
        if domain == ses._SIMULATOR_DOMAIN:
            ends = _ENDS.get(local.split("+")[0], ends)
        entries += [{"Source": "aws.ses", "DetailType": _TYPES[kind], "Resources": [],
                     "Detail": json.dumps(_detail(kind, bounce_type, recipient, record, tags, source))}
                    for kind, bounce_type in ends if _wants(name, kind)]
    if entries:
        spawn_background(eventbridge._put_events, {"Entries": entries}, True, thread_name="mail-news")


def _at(event, path):
    found = event
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path.removeprefix("$")):
        try:
            found = found[int(index)] if index else found[name]
        except (KeyError, TypeError, IndexError):
            return None
    return found


def install():
    stock = eventbridge._apply_input_transformer

    def transformed(transformer, rule, view):
        paths = dict_of(transformer.get("InputPathsMap"))
        event = view.event_with_detail()
        indexed = {name: _at(event, path) or "" for name, path in paths.items() if "[" in path}
        plain = {name: path for name, path in paths.items() if name not in indexed}
        template = eventbridge._render_input_template(transformer.get("InputTemplate", ""), indexed)
        return stock({"InputPathsMap": plain, "InputTemplate": template}, rule, view)

    eventbridge._apply_input_transformer = transformed
