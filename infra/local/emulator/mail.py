"""SES: the resource and the sender that a policy judges, and whom a raw message goes to.

The package judges sending on ``*`` and never sets ``ses:FromAddress``, so that a policy which
names an identity refuses everything. The recipients of a raw message it takes from its
headers as they are written; SES delivers to the envelope. Its list of everything that was sent
knows no recipient. And it hands mail on to one mail server or to none: here what is for people at
``….smtp-PORT.example`` leaves for that port of this machine, where a test has a server of its own.
"""

import base64
import binascii
import email
import email.utils
import json
import re
import urllib.parse

import news
import pace
from bodies import json_of, list_of
from decisions import decision

from ministack import app
from ministack.core import iam_actions
from ministack.core.concurrency import spawn_background
from ministack.services import ses

_RECIPIENTS = ("To", "CC", "BCC")
_SERVER = re.compile(r"\.smtp-(\d{4,5})\.example$")


def _sender(path, body):
    if path.startswith("/v2/email"):
        return json_of(body).get("FromEmailAddress")
    form = urllib.parse.parse_qs((body or b"").decode("utf-8", "replace"))
    source = form.get("Source", [None])[0]
    raw = form.get("RawMessage.Data", [None])[0]
    if source or not raw:
        return source
    try:
        return email.message_from_bytes(base64.b64decode(raw)).get("From")
    except (binascii.Error, ValueError):
        return None


def _addresses(texts):
    return [address for _, address in email.utils.getaddresses(texts) if address]


def _shown(record):
    return {name: record.get(name) for name in (*_RECIPIENTS, "Subject", "BodyText", "BodyHtml", "Timestamp")}


def _relay(source, recipients, message):
    for port in {match.group(1) for match in map(_SERVER.search, recipients) if match}:
        spawn_background(ses._smtp_send, source, recipients, message, "127.0.0.1", int(port),
                         thread_name="mail-leaves")


def install():
    stock_arn, stock_raw = iam_actions._ses_v2_resource_arn, ses._send_raw_email
    stock_list = app._handle_ses_messages_request
    inboxes = pace.Inboxes()

    def resource_arn(method, path, body, region, account_id):
        arn = stock_arn(method, path, body, region, account_id)
        address = email.utils.parseaddr(_sender(path, body) or "")[1]
        if arn != "*" or not address:
            return arn
        arn = f"arn:aws:ses:{region}:{account_id}:identity/{address}"
        return decision(arn, {"ses:FromAddress": address})

    def send_raw(params):
        sent = ses._sent_emails_list()
        before = len(sent)
        answer = stock_raw(params)
        if len(sent) > before:
            record = sent[-1]
            headers = {name: _addresses([", ".join(record[name])]) for name in _RECIPIENTS}
            envelope = _addresses(ses._collect_list(params, "Destinations.member"))
            record.update(headers, To=envelope or headers["To"])
            news.tell(params, record)
        return answer

    async def messages(method, path, headers, query):
        """The package's list of what was sent; with ``to``, of one recipient."""
        wanted = list_of(query.get("to"))
        if path != "/_ministack/ses/messages" or not wanted:
            return await stock_list(method, path, headers, query)
        found = [_shown(record) for record in inboxes.of(wanted[0])]
        return 200, {"Content-Type": "application/json"}, json.dumps({"messages": {"": found}}).encode()

    app._handle_ses_messages_request = messages
    iam_actions._ses_v2_resource_arn = resource_arn
    ses._send_raw_email = send_raw
    ses._smtp_relay = _relay
