"""Reads audit chains out of a running local portal: ``chains.py <instance.json> <chain>...``, or ``all``.

A chain is named by its partition without the final letter: ``T#<firm>#C#<client>`` or ``T#<firm>#U#<person>``.
Prints one JSON object a line: ``{"chain", "events": [text, first first], "head": {"seq", "hash"}}``. It checks nothing:
whoever reads the lines does.
"""

import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    instance = json.load(file)
os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_DEFAULT_REGION"] = instance["emulator_url"], instance["region"]

import aws  # noqa: E402

table = f"{instance['prefix']}-audit"
dynamodb = aws.client("dynamodb")


def pages(**request):
    while True:
        page = dynamodb.query(TableName=table, **request)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def every_chain():
    # The owner of the table may look at all of it; no role of the product may.
    found, request = set(), {"TableName": table, "ProjectionExpression": "pk"}
    while True:
        page = dynamodb.scan(**request)
        found.update(item["pk"]["S"][:-2] for item in page["Items"])
        if "LastEvaluatedKey" not in page:
            return sorted(found)
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


wanted = every_chain() if sys.argv[2:] == ["all"] else sys.argv[2:]
for chain in wanted:
    events = [item["ev"]["S"] for item in pages(
        KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": f"{chain}#A"}})]
    head = dynamodb.get_item(TableName=table, Key={"pk": {"S": f"{chain}#H"}, "sk": {"S": "HEAD"}}).get("Item")
    told = {"seq": int(head["seq"]["N"]), "hash": head["hash"]["S"]} if head else None
    print(json.dumps({"chain": chain, "events": events, "head": told}))
