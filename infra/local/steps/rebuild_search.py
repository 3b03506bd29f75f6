"""Has search indexes made anew from the kept words of documents.

    rebuild_search.py --instance <instance.json> [firm [client]]      the local portal
    rebuild_search.py --prefix <stack prefix> [firm [client]]         a deployed one, with the AWS credentials at hand

Each index of a client, and each audience with a document that is ready, gets one message in the indexer's queue; the indexer
reads everything from its sources. Ids alone are read and sent. Prints a line an index.
"""

import argparse
import json
import os
import sys
import uuid

parser = argparse.ArgumentParser()
place = parser.add_mutually_exclusive_group(required=True)
place.add_argument("--instance")
place.add_argument("--prefix")
parser.add_argument("firm", nargs="?")
parser.add_argument("client", nargs="?")
asked = parser.parse_args()

if asked.instance:
    with open(asked.instance, encoding="utf-8") as file:
        instance = json.load(file)
    os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_DEFAULT_REGION"] = instance["emulator_url"], instance["region"]
    prefix = instance["prefix"]
    import aws

    client_of = aws.client
else:
    import boto3

    prefix, client_of = asked.prefix, boto3.client

dynamodb, sqs = client_of("dynamodb"), client_of("sqs")


def rows(call, **request):
    while True:
        page = call(TableName=f"{prefix}-data", **request)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def indexes():
    """Of which firm, client and audience there is an index, or a document that belongs into one."""
    wanted = "begins_with(#sk, :index) OR begins_with(#sk, :documents) AND #state = :ready"
    names = {"#pk": "pk", "#sk": "sk", "#state": "state"}
    values = {":index": {"S": "IDX#"}, ":documents": {"S": "DOC#"}, ":ready": {"S": "ready"}}
    rows_of = {"ProjectionExpression": "#pk", "ExpressionAttributeNames": names, "ConsistentRead": True}
    found = set()
    if asked.client:
        # A key cannot be filtered in its own partition.
        prefixes = (("IDX#", None), ("DOC#", "#state = :ready"))
        for partition in (f"T#{asked.firm}#C#{asked.client}", f"T#{asked.firm}#C#{asked.client}#INT"):
            for prefix, only in prefixes:
                request = {
                    "KeyConditionExpression": "#pk = :pk AND begins_with(#sk, :prefix)",
                    "ExpressionAttributeNames": names if only else {"#pk": "pk", "#sk": "sk"},
                    "ExpressionAttributeValues": {":pk": {"S": partition}, ":prefix": {"S": prefix}},
                }
                if only:
                    request["FilterExpression"] = only
                    request["ExpressionAttributeValues"][":ready"] = {"S": "ready"}
                found.update(row["pk"]["S"] for row in rows(dynamodb.query, **{**rows_of, **request}))
    else:
        # The owner of the table may look at all of it; no role of the product may.
        scanned = rows(dynamodb.scan, FilterExpression=wanted, ExpressionAttributeValues=values, **rows_of)
        found.update(row["pk"]["S"] for row in scanned)
    for partition in sorted(found):
        _, firm, _, client, *part = partition.split("#")
        if asked.firm in (None, firm):
            yield firm, client, "internal" if part else "open"


queue = sqs.get_queue_url(QueueName=f"{prefix}-indexer.fifo")["QueueUrl"]
told = 0
for firm, client, audience in indexes():
    message = {"v": 1, "firm": firm, "client": client, "rebuild": audience, "always": True}
    sqs.send_message(
        QueueUrl=queue,
        MessageBody=json.dumps(message),
        MessageGroupId=client,
        MessageDeduplicationId=uuid.uuid4().hex,
    )
    print(f"firm {firm} client {client} {audience}")
    told += 1
print(f"{told} indexes are being made anew")
if not told:
    sys.exit(1)
