"""When an SMS was sent, and whether it arrived, neither of which the package records.

Whether it arrived stands where the service writes it down once it is asked to: in a log group for those that did and one for those
that did not, as a line of JSON. A number that ends in ``0404`` takes nothing; it is ours, as AWS has none of the kind.
"""

import json
import time

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, sns

_TAKES_NOTHING = "0404"
_STREAM = "texts"


def _line(record, arrived):
    return json.dumps({
        "notification": {"messageId": record["MessageId"],
                         "timestamp": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(record["Timestamp"]))},
        "delivery": {
            "destination": record["PhoneNumber"], "priceInUSD": 0.00645, "smsType": "Transactional",
            "numberOfMessageParts": 1, "dwellTimeMs": 40,
            "providerResponse": "Message has been accepted by phone" if arrived else "Phone is currently unreachable/unavailable",
        },
        "status": "SUCCESS" if arrived else "FAILURE",
    })


def _write_down(record):
    arrived = not record["PhoneNumber"].endswith(_TAKES_NOTHING)
    group = f"sns/{get_region()}/{get_account_id()}/DirectPublishToPhoneNumber"
    of = {"logGroupName": group if arrived else f"{group}/Failure", "logStreamName": _STREAM}
    # Nobody asked for the log where the groups are not there.
    cloudwatch_logs._create_log_stream(of)
    cloudwatch_logs._put_log_events(
        {**of, "logEvents": [{"timestamp": int(time.time() * 1000), "message": _line(record, arrived)}]})


def install():
    stock = sns._publish

    def publish(params):
        answer = stock(params)
        number = sns._p(params, "PhoneNumber")
        if number:
            for record in sns._sms_log_for(number)[-1:]:
                record.setdefault("Timestamp", time.time())
                spawn_background(_write_down, record, thread_name="texts-log")
        return answer

    sns._publish = publish
