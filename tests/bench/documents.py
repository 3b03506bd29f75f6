"""The list of a client's documents as functions/documents answers it, for Python 3.11 with boto3.

What the Rust function is measured beside. The same calls: ``access`` for credentials, then the
rows and the client's key.
"""

import hashlib
import json
import os
import struct

import boto3
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import runtime

FN_ACCESS = os.environ["FN_ACCESS"]
TABLE_DATA = os.environ["TABLE_DATA"]
TABLE_KEYS = os.environ["TABLE_KEYS"]
ROWS_MAX = 100
READERS = ["client_member", "client_admin", "staff", "partner"]

# Clients that need no grant are built once, before the first event.
invoker = boto3.client("lambda")
if not os.environ.get("BENCH_LEAN"):
    s3 = boto3.client("s3")


def handler(event):
    client = event["pathParameters"]["client"]
    cookies = dict(cookie.split("=", 1) for cookie in event.get("cookies", []))
    token = cookies.get("__Host-s")
    if not token:
        return problem(401)
    session = hashlib.sha256(f"session|{token}".encode()).hexdigest()
    asked = [{"session": session, "reach": "client", "client": client}]
    answered = invoker.invoke(FunctionName=FN_ACCESS, Payload=json.dumps(asked))
    answer = json.loads(answered["Payload"].read())[0]
    if "granted" not in answer:
        return problem(404 if answer["refused"] == "not_theirs" else 403)
    grant, keys = answer["granted"]["grant"], answer["granted"]["keys"]
    if grant["role"] not in READERS:
        return problem(403)
    credentials = {
        "aws_access_key_id": keys["key_id"],
        "aws_secret_access_key": keys["secret"],
        "aws_session_token": keys["token"],
    }
    dynamo = boto3.client("dynamodb", **credentials)
    pk = f"T#{grant['firm']}#C#{client}"
    rows = dynamo.query(
        TableName=TABLE_DATA,
        ConsistentRead=False,
        ScanIndexForward=False,
        Limit=ROWS_MAX,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": "DOC#"}},
    )
    key = data_key(dynamo, credentials, pk, {"firm": grant["firm"], "client": client})
    last = rows.get("LastEvaluatedKey")
    found = {
        "items": [facts(row, key, pk) for row in rows["Items"]],
        "next": last["sk"]["S"].removeprefix("DOC#") if last else None,
    }
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(found), "isBase64Encoded": False}


def data_key(dynamo, credentials, pk, context):
    wrapped = dynamo.get_item(TableName=TABLE_KEYS, Key={"pk": {"S": pk}, "sk": {"S": "DEK#1"}})["Item"]
    named = {"KeyId": wrapped["key_id"]["S"]} if "key_id" in wrapped else {}
    kms = boto3.client("kms", **credentials)
    plain = kms.decrypt(CiphertextBlob=wrapped["wrapped"]["B"], EncryptionContext=context, **named)
    return AESGCM(plain["Plaintext"])


def facts(row, key, pk):
    found = {name: row[name]["S"] for name in ["id", "project", "category", "by", "asked_at", "state"]}
    found["name"] = unseal(row["name_sealed"]["B"], key, ["data", pk, row["sk"]["S"], "name"])
    found["size_bytes"] = int(row["size_bytes"]["N"])
    found["by_client"] = row["by_client"]["BOOL"]
    found["visibility"] = people(row["visibility"]["M"]) if "visibility" in row else "company"
    found["version"] = int(row["version"]["N"])
    if found["state"] == "ready":
        found |= {name: row[name]["S"] for name in ["digest", "kind", "ready_at"]}
        if int(row["pages"]["N"]) > 0:
            found["pages"] = int(row["pages"]["N"])
        if int(row.get("previews", {"N": "0"})["N"]) > 0:
            found["previews"] = int(row["previews"]["N"])
    return found


def people(visibility):
    return {"people": [person["S"] for person in visibility["people"]["L"]]}


def unseal(sealed, key, place):
    aad = b"P1" + b"".join(struct.pack(">I", len(part.encode())) + part.encode() for part in place)
    return key.decrypt(sealed[2:14], sealed[14:], aad).decode()


def problem(status):
    headers = {"content-type": "application/problem+json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps({"status": status}), "isBase64Encoded": False}


runtime.serve(handler)
