"""SES receiving: mail to a domain that a receipt rule of the template names.

The package sends mail and receives none, and knows no ``AWS::SES::ReceiptRule``. Here whoever plays
the other server brings a mail to ``/_ministack/ses/received``, as JSON: ``source`` and ``recipients`` of
the envelope, the mail's bytes as ``raw`` in base 64, and as ``verdicts`` what SES finds out about the
sender (``{"spf": "FAIL"}``; what is not named passes), since nothing here signs mail or asks a name
server. The actions of the domain's rule are carried out in their order, S3 and Lambda.
"""

import base64
import concurrent.futures
import contextvars
import email
import email.policy
import json
import logging
import uuid
from datetime import datetime, timezone

from bodies import dict_of, json_of, list_of

from ministack import app
from ministack.services import cloudformation, lambda_svc, s3
from ministack.services.cloudformation import provisioners

RULE_SET = "AWS::SES::ReceiptRuleSet"
RULE = "AWS::SES::ReceiptRule"
_VERDICTS = ("spam", "virus", "spf", "dkim", "dmarc")
PATH = "/_ministack/ses/received"
_TRIES = 3
# A call of its own for each mail would start as many environments of the function as there are mails at once.
_calls = concurrent.futures.ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")
_log = logging.getLogger("receiving")


def _rules():
    for stack in list(cloudformation._stacks.values()):
        for resource in list(dict_of(stack.get("_resources")).values()):
            if resource.get("ResourceType") == RULE:
                rule = dict_of(dict_of(resource.get("Properties")).get("Rule"))
                if str(rule.get("Enabled", "false")).lower() == "true":
                    yield rule


def _is_for(rule, address):
    host = address.rpartition("@")[2].lower()
    return any(wanted.lower() in (host, address.lower()) for wanted in list_of(rule.get("Recipients")))


def _verdicts(said):
    return {f"{name}Verdict": {"status": said.get(name, "PASS")} for name in _VERDICTS}


def _event(name, source, recipients, message, verdicts, function):
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    common = {
        "returnPath": source,
        "from": message.get_all("From", []),
        "to": message.get_all("To", []),
        "subject": message.get("Subject", ""),
        "messageId": message.get("Message-ID", ""),
        "date": message.get("Date", ""),
    }
    return {"Records": [{
        "eventSource": "aws:ses",
        "eventVersion": "1.0",
        "ses": {
            "mail": {
                "timestamp": now,
                "source": source,
                "messageId": name,
                "destination": recipients,
                "headersTruncated": False,
                "headers": [{"name": key, "value": str(value)} for key, value in message.items()],
                "commonHeaders": {key: [str(each) for each in value] if isinstance(value, list) else str(value)
                                  for key, value in common.items()},
            },
            "receipt": {
                "timestamp": now,
                "processingTimeMillis": 1,
                "recipients": recipients,
                **_verdicts(verdicts),
                "action": {"type": "Lambda", "functionArn": function, "invocationType": "Event"},
            },
        },
    }]}


def _carry_out(rule, source, recipients, verdicts, raw):
    name = uuid.uuid4().hex
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    for action in list_of(rule.get("Actions")):
        to_bucket, to_function = dict_of(action.get("S3Action")), dict_of(action.get("LambdaAction"))
        if to_bucket:
            key = f"{to_bucket.get('ObjectKeyPrefix', '')}{name}"
            answer = s3._put_object(to_bucket["BucketName"], key, raw, {"content-type": "message/rfc822"})
            if answer[0] >= 300:
                raise ValueError(f"a mail could not be put down: {answer[2]!r}")
        elif to_function:
            arn = to_function["FunctionArn"]
            function = lambda_svc._functions.get(arn.rpartition(":")[2])
            if function is None:
                raise ValueError(f"there is no function {arn}")
            told = _event(name, source, recipients, message, verdicts, arn)
            _calls.submit(contextvars.copy_context().run, _tell, function, told)


def _tell(function, event):
    for _ in range(_TRIES):
        answer = lambda_svc._execute_function(function, event)
        if not answer.get("error"):
            return
    _log.error("a mail was not taken: %s", answer.get("body"))


def _received(said):
    """How many rules took the mail."""
    raw = base64.b64decode(said["raw"])
    taken = 0
    for rule in _rules():
        wanted = [address for address in list_of(said.get("recipients")) if _is_for(rule, address)]
        if wanted:
            _carry_out(rule, said.get("source", ""), wanted, dict_of(said.get("verdicts")), raw)
            taken += 1
    return taken


def install():
    stock = app._handle_admin_config_request

    async def control(path, method, body):
        if path != PATH or method != "POST":
            return await stock(path, method, body)
        # A server that has no rule for a mail refuses it.
        taken = contextvars.copy_context().run(_received, json_of(body))
        return 200 if taken else 404, {"Content-Type": "application/json"}, json.dumps({"taken": taken}).encode()

    app._handle_admin_config_request = control
    for kind in (RULE_SET, RULE):
        provisioners._RESOURCE_HANDLERS[kind] = {
            "create": lambda logical_id, props, stack_name: (_name(props) or logical_id, {}),
            "update": lambda physical_id, old_props, props, *rest: (physical_id, {}),
            "delete": lambda physical_id, props: None,
        }


def _name(props):
    return dict_of(props.get("Rule")).get("Name") or props.get("RuleSetName")
