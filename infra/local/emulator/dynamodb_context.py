"""DynamoDB's condition keys: ``LeadingKeys``, ``Attributes`` and ``ReturnValues`` of each decision.

The package never sets leading keys, so that ``ForAllValues`` on them is true for everybody,
and sets attributes from projections only. Here each decision carries its own: one per member
of a transaction, one per table of a batch. A request whose partition key cannot be told gets
a value that matches nothing. Scan carries no leading key, as on AWS: a policy that grants it
leaks here too.
"""

import json
import re

from bodies import NOTHING, dict_of, json_of, list_of
from decisions import decision

from ministack.core import iam_actions
from ministack.services import dynamodb

_WRITES = ("Put", "Update", "Delete")
_EXPRESSIONS = ("UpdateExpression", "ConditionExpression", "ProjectionExpression", "FilterExpression")
_NAME = re.compile(r"(?<![\w:#.\]])#?[A-Za-z_][\w-]*")
_EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")
_EQUALS_REVERSED = re.compile(r"(:\w+)\s*=\s*(#?[\w.-]+)")
_WORDS = {
    "set", "remove", "add", "delete", "and", "or", "not", "between", "in", "if_not_exists", "list_append",
    "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size",
}


def _partition_attribute(table, index=None):
    """Name of the partition key of a table, given by name or ARN, or of one of its indexes."""
    name = table.split("/")[1] if table.startswith("arn:") and "/" in table else table
    record = dynamodb._tables.get(name)
    if not record:
        return None
    schema = list_of(record.get("KeySchema"))
    if index:
        indexes = list_of(record.get("GlobalSecondaryIndexes")) + list_of(record.get("LocalSecondaryIndexes"))
        schema = next((each["KeySchema"] for each in indexes if each.get("IndexName") == index), [])
    return next((key["AttributeName"] for key in schema if key.get("KeyType") == "HASH"), None)


def _plain(value):
    """``{"S": "x"}`` -> ``x``."""
    return str(next(iter(value.values()))) if isinstance(value, dict) and len(value) == 1 else NOTHING


def _key_of(table, key_or_item):
    attribute = _partition_attribute(table or "")
    return _plain(dict_of(key_or_item).get(attribute)) if attribute else NOTHING


def _keys_of_query(data):
    attribute = _partition_attribute(data.get("TableName") or "", data.get("IndexName"))
    if attribute is None:
        return [NOTHING]
    names, values = dict_of(data.get("ExpressionAttributeNames")), dict_of(data.get("ExpressionAttributeValues"))
    expression = data.get("KeyConditionExpression") or ""
    pairs = _EQUALS.findall(expression) + [(name, value) for value, name in _EQUALS_REVERSED.findall(expression)]
    found = [_plain(values.get(value)) for name, value in pairs if names.get(name, name) == attribute]
    legacy = dict_of(dict_of(data.get("KeyConditions")).get(attribute))
    found += [_plain(value) for value in list_of(legacy.get("AttributeValueList"))]
    return found or [NOTHING]


def _keys_of_batch(table, part):
    """Partition keys of one table's part of BatchGetItem (an object) or BatchWriteItem (a list)."""
    if isinstance(part, dict):
        members = list_of(part.get("Keys"))
    else:
        requests = [each for write in list_of(part) for each in dict_of(write).values()]
        members = [dict_of(each).get("Key") or dict_of(each).get("Item") for each in requests]
    return [_key_of(table, member) for member in members] or [NOTHING]


def _attributes(data):
    """Top-level attributes that a write names: of its key or item, and of its expressions."""
    names = dict_of(data.get("ExpressionAttributeNames"))
    found = set(dict_of(data.get("Key"))) | set(dict_of(data.get("Item"))) | set(dict_of(data.get("AttributeUpdates")))
    for expression in _EXPRESSIONS:
        for name in _NAME.findall(data.get(expression) or ""):
            if name.lower() not in _WORDS:
                found.add(names.get(name, name))
    return sorted(found)


def _context_of_item(data, writes):
    context = {"dynamodb:LeadingKeys": [_key_of(data.get("TableName"), data.get("Key") or data.get("Item"))]}
    if writes:
        context["dynamodb:Attributes"] = _attributes(data)
        context["dynamodb:ReturnValues"] = data.get("ReturnValues") or "NONE"
    return context


def _writes(data):
    return "Item" in data or any(name in data for name in ("UpdateExpression", "AttributeUpdates", "ReturnValues"))


def install():
    stock_arns = iam_actions.dynamodb_resource_arns
    stock_transaction = iam_actions.dynamodb_transaction_checks

    def resource_arns(body, region, account_id):
        arns, data = stock_arns(body, region, account_id), json_of(body)
        tables = dict_of(data.get("RequestItems"))
        if tables:
            named = [table for table in tables if isinstance(table, str) and table]
            return [decision(arn, {"dynamodb:LeadingKeys": _keys_of_batch(table, tables[table])})
                    for arn, table in zip(arns, named)]
        if "Key" in data or "Item" in data:
            return [decision(arn, _context_of_item(data, _writes(data))) for arn in arns]
        if "KeyConditionExpression" in data or "KeyConditions" in data:
            return [decision(arn, {"dynamodb:LeadingKeys": _keys_of_query(data)}) for arn in arns]
        return arns  # Scan, PartiQL, operations on tables

    def transaction_checks(iam_action, body, region, account_id):
        checks = []
        for item in list_of(json_of(body).get("TransactItems")):
            for member, detail in dict_of(item).items():
                alone = json.dumps({"TransactItems": [{member: detail}]}).encode()
                for action, arn in stock_transaction(iam_action, alone, region, account_id):
                    checks.append((action, decision(arn, _context_of_item(detail, member in _WRITES))))
        return checks

    iam_actions.dynamodb_resource_arns = resource_arns
    iam_actions.dynamodb_transaction_checks = transaction_checks
