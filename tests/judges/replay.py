"""Asks AWS again what functions asked it, with the roles that they had, about other clients.

``replay.py < {"place": ..., "sessions": [...], "calls": [...]}`` prints ``{"own": n, "foreign": n, "wrong": [...]}``.
A call names the sessions it may have been made with: one of them must be allowed what was recorded, and that one must be
refused each of the call's ``foreign`` forms. No call changes anything: each write carries a condition that never
holds, which is looked at after the policy.
"""

import json
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import urllib3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NEVER = "attribute_exists(no_row_has_this)"
TARGETS = {"dynamodb": ("DynamoDB_20120810", "application/x-amz-json-1.0"), "kms": ("TrentService", "application/x-amz-json-1.1")}
REFUSED = {"AccessDenied", "AccessDeniedException"}
# What an allowed call may come to: the condition that never holds, an object that is not there, or a body that was left
# out, which is looked at after the policy as well.
ALLOWED = {None, "ConditionalCheckFailedException", "TransactionCanceledException", "NoSuchKey", "NoSuchUpload", "NoSuchVersion",
           "PreconditionFailed", "MalformedXML"}
THREADS = 4

asked = json.load(sys.stdin)
place = asked["place"]
http = urllib3.PoolManager(maxsize=THREADS, retries=False)
assumed, assuming = {}, threading.Lock()


ROOT = Credentials("test", "test")


def assume(by, role, tags):
    if (role, tags) not in assumed:
        keys = {"aws_access_key_id": by.access_key, "aws_secret_access_key": by.secret_key, "aws_session_token": by.token}
        sts = boto3.client("sts", endpoint_url=place["endpoint"], region_name=place["region"], **keys)
        got = sts.assume_role(RoleArn=f"{place['role_prefix']}{role}", RoleSessionName="replay",
                              Tags=[{"Key": name, "Value": value} for name, value in tags])["Credentials"]
        assumed[role, tags] = Credentials(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])
    return assumed[role, tags]


def credentials(number):
    """The session's role, assumed as its vending function does: nobody else may."""
    session = asked["sessions"][number]
    with assuming:
        return assume(assume(ROOT, f"fn-{session['by']}", ()), session["role"], tuple(session["tags"].items()))


def in_vain(operation, body):
    """The body of a write that comes to nothing."""
    body = json.loads(body)
    body.pop("ClientRequestToken", None)
    writes = [body] if operation in ("PutItem", "UpdateItem", "DeleteItem") else []
    for member in body.get("TransactItems", []):
        writes += [what for kind, what in member.items() if kind != "ConditionCheck"]
    for write in writes:
        known = write.get("ConditionExpression")
        write["ConditionExpression"] = f"({known}) AND {NEVER}" if known else NEVER
    return json.dumps(body)


def outcome(number, call, form):
    """The code of the error that the call is answered with."""
    service, headers, body = call["service"], {}, form["body"] or ""
    if service in TARGETS:
        target, kind = TARGETS[service]
        headers = {"X-Amz-Target": f"{target}.{call['operation']}", "Content-Type": kind}
        body = in_vain(call["operation"], body)
    elif call["method"] == "PUT":
        headers, body = {"If-Match": '"none"'}, ""
    request = AWSRequest(call["method"], place["endpoint"] + form["path"], headers=headers, data=body.encode())
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(credentials(number), service, place["region"]).add_auth(request)
    signed = request.prepare()
    answer = http.request(call["method"], signed.url, headers=dict(signed.headers), body=signed.body)
    if answer.status < 300:
        return None
    text = answer.data.decode("utf-8", "replace")
    if service == "s3":
        code = re.search("<Code>(.*?)</Code>", text)
        return code[1] if code else f"status {answer.status}"
    return json.loads(text)["__type"].rpartition("#")[2]


def judge(call):
    """What is wrong about one call, and how many foreign forms of it were tried."""
    codes = []
    for number in call["sessions"]:
        code = outcome(number, call, call["own"])
        if code not in REFUSED:
            break
        codes.append(code)
    else:
        return [{"own refused": call, "codes": codes}], 0
    wrong = [] if code in ALLOWED else [{"unclear": call, "code": code}]
    is_list = "/?" in call["own"]["path"]
    if call["service"] == "s3" and call["method"] == "GET" and not is_list:
        # An object that is not there must not look like one that is not theirs.
        nowhere = {"path": call["own"]["path"].replace("?", "-nowhere?"), "body": None}
        if outcome(number, call, nowhere) in REFUSED:
            wrong.append({"absence looks like a refusal": call})
    # Other people's credentials where the form names their sessions, else its own where they have the tag that was swapped.
    tags = asked["sessions"][number]["tags"]
    tried = [(other, form) for form in call["foreign"] for other in form.get("as", [number] if form["by"] in tags else [])]
    for other, form in tried:
        code = outcome(other, call, form)
        if code not in REFUSED:
            wrong.append({"foreign allowed": form, "code": code, "as": asked["sessions"][other], "call": call["operation"]})
    return wrong, len(tried)


with ThreadPoolExecutor(THREADS) as pool:
    judged = list(pool.map(judge, asked["calls"]))
print(json.dumps({"own": len(judged), "foreign": sum(count for _, count in judged),
                  "wrong": [one for wrong, _ in judged for one in wrong]}))
