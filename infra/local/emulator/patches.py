"""What the emulator lacks for this template and its policies, added on top of the shim beside it.

Run this file in place of the shim: it applies the shim's patches first, then its own.

1. Nested SAM. The emulator expands ``Transform: AWS::Serverless-2016-10-31`` in a root stack only;
   the functions of this project stand in nested ones.
2. ``dynamodb:Attributes`` of an update. ``access`` may touch two attributes of a session and no
   other; without the key that policy refuses every update. Set for UpdateItem and for Update
   members of a transaction: the key attributes and every attribute its expressions name.
3. The resource of a mail. Sending is judged on ``*``, and no policy here allows that; it is now
   the identity of the sender.
4. ``aws:SecureTransport``. It is always false, so the TLS-only policy of a bucket would refuse every
   role. Nothing here has TLS, and the policy is asserted on the template.
5. GuardDuty's events. ``aws.*`` sources are refused; the launcher has to play GuardDuty.
"""
import base64
import email
import email.utils
import json
import re
import urllib.parse

import ministack_shim  # noqa: F401  (patches on import)

import ministack.app as app
import ministack.core.iam_actions as actions
import ministack.core.iam_evaluator as evaluator
from ministack.services import eventbridge
from ministack.services.cloudformation import engine

# 1. Only the nested deployment looks the parser up in its module at the time of the call; every
# other caller bound the stock one at import and expands the template itself.
_stock_parse = engine._parse_template


def _parse_and_expand(body):
    return engine._apply_transforms(_stock_parse(body))


engine._parse_template = _parse_and_expand


# 2. The names that the clauses of an update expression and a condition begin with or compare.
_WORD = re.compile(r"#?[A-Za-z_][\w]*(?:[.\[][\w.\[\]#]*)?|:\w+")
_SYNTAX = {"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"}
_FUNCTION = re.compile(r"\b(if_not_exists|list_append|attribute_exists|attribute_not_exists|attribute_type|begins_with|contains|size)\s*\(", re.I)


def _attributes(update):
    names = update.get("ExpressionAttributeNames") or {}
    found = set(update.get("Key") or {})
    for field in ("UpdateExpression", "ConditionExpression"):
        for word in _WORD.findall(_FUNCTION.sub("(", update.get(field) or "")):
            head = re.split(r"[.\[]", word)[0]
            if not head.startswith(":") and head.upper() not in _SYNTAX:
                found.add(names.get(head, head))
    return sorted(found)


class _Arn(str):
    """The ARN of one decision, with the condition keys of that decision."""

    leading_keys = None
    attributes = None


_shim_checks = actions.dynamodb_transaction_checks
_shim_arns = actions.dynamodb_resource_arns
_shim_enforce = evaluator.enforce


def _carry(arn, update):
    out = _Arn(arn)
    out.leading_keys = getattr(arn, "leading_keys", None)
    out.attributes = _attributes(update)
    return out


def _updates(data):
    return [item["Update"] for item in data.get("TransactItems") or [] if isinstance(item, dict) and isinstance(item.get("Update"), dict)]


def _transaction_checks(iam_action, body, region, account_id):
    checks = _shim_checks(iam_action, body, region, account_id)
    if not any(action == "dynamodb:UpdateItem" for action, _ in checks):
        return checks
    updates = iter(_updates(json.loads(body)))
    return [(action, _carry(arn, next(updates)) if action == "dynamodb:UpdateItem" else arn) for action, arn in checks]


def _resource_arns(body, region, account_id):
    arns = _shim_arns(body, region, account_id)
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return arns
    if isinstance(data, dict) and "UpdateExpression" in data:
        return [_carry(arn, data) for arn in arns]
    return arns


def _enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    attributes = getattr(resource_arn, "attributes", None)
    if attributes:
        service_context = {**(service_context or {}), "dynamodb:Attributes": attributes}
    return _shim_enforce(access_key_id, iam_action, service, region, resource_arn, service_context)


actions.dynamodb_transaction_checks = _transaction_checks
actions.dynamodb_resource_arns = _resource_arns
evaluator.enforce = _enforce


# 3.
_stock_ses_arn = actions._ses_v2_resource_arn


def _sender(path, body):
    if path.startswith("/v2/email"):
        data = json.loads(body or b"{}")
        return data.get("FromEmailAddress") if isinstance(data, dict) else None
    form = urllib.parse.parse_qs((body or b"").decode("utf-8", "replace"))
    source = (form.get("Source") or [None])[0]
    raw = (form.get("RawMessage.Data") or [None])[0]
    if not source and raw:
        source = email.message_from_bytes(base64.b64decode(raw)).get("From")
    return source


def _ses_arn(method, path, body, region, account_id):
    arn = _stock_ses_arn(method, path, body, region, account_id)
    if arn != "*":
        return arn
    try:
        address = email.utils.parseaddr(_sender(path, body) or "")[1]
    except ValueError:
        return arn
    return f"arn:aws:ses:{region}:{account_id}:identity/{address}" if address else arn


actions._ses_v2_resource_arn = _ses_arn


# 4.
_stock_resolve = evaluator._resolve_condition_key


def _resolve(key, ctx):
    return "true" if key.lower() == "aws:securetransport" else _stock_resolve(key, ctx)


evaluator._resolve_condition_key = _resolve


# 5.
_stock_put_events = eventbridge._put_events


def _put_events(data, allow_aws_source=False):
    entries = data.get("Entries") or []
    played = bool(entries) and all(isinstance(e, dict) and e.get("Source") == "aws.guardduty" for e in entries)
    return _stock_put_events(data, allow_aws_source or played)


eventbridge._put_events = _put_events


if __name__ == "__main__":
    app.main()
