"""Judges vectors by the emulator: real signed calls with roles assumed by their tags.

``emulator.py <repository> < {"vectors": ..., "place": ...}`` prints ``{"judged": n, "wrong": [...]}``. The firms and
clients of the vectors stand for real ones, named in ``place``, so that real keys and rows are asked for. No call
changes anything: each write carries a condition that never holds, which is looked at after the policy.
"""

import json
import pathlib
import re
import sys
from functools import cache

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

REFUSED = {"AccessDenied", "AccessDeniedException", "403", "UnauthorizedOperation"}
# Of the key alone, since a policy may name the attributes that an update touches.
NEVER = "attribute_exists(pk) AND attribute_not_exists(pk)"

asked = json.load(sys.stdin)
place = asked["place"]


def here(node):
    """A vector in terms of the running portal."""
    text = json.dumps(node)
    for name, real in place["ids"].items():
        text = re.sub(rf"(?<![A-Za-z0-9]){name}(?![0-9]*[A-Za-z])", real, text)
    return json.loads(text.replace(":::documents/", f":::{place['bucket']}/"))


def service(name, keys):
    extra = {"s3": {"addressing_style": "path"}} if name == "s3" else {}
    config = Config(retries={"max_attempts": 1}, **extra)
    return boto3.client(name, endpoint_url=place["endpoint"], region_name=place["region"], config=config,
                        aws_access_key_id=keys[0], aws_secret_access_key=keys[1], aws_session_token=keys[2])


ROOT = ("test", "test", None)


POLICIES = pathlib.Path(sys.argv[1], "infra/policies")


def vendor(role):
    """The function whose role alone may assume this one; none for an execution role, which root may be."""
    trust = json.loads((POLICIES / "roles.json").read_text())[role]["trust"]
    principal = json.loads((POLICIES / f"{trust}.json").read_text())["Statement"][0]["Principal"].get("AWS", "")
    return principal.partition("role/${StackPrefix}-")[2]


@cache
def assumed(role, tags):
    by = vendor(role)
    sts = service("sts", assumed(by, ()) if by else ROOT)
    answer = sts.assume_role(
        RoleArn=f"{place['role_prefix']}{role}", RoleSessionName="vector",
        Tags=[{"Key": name, "Value": value} for name, value in tags])["Credentials"]
    return answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"]


@cache
def session(who):
    role, tags = asked["vectors"]["sessions"][who]["role"], here(asked["vectors"]["sessions"][who]["tags"])
    try:
        return assumed(role, tuple(tags.items()))
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSED:
            # Nobody can be that: whatever it would ask for is refused with it.
            return None
        raise


@cache
def client(name, who):
    keys = session(who)
    return keys and service(name, keys)


@cache
def ciphertext(key, context):
    return service("kms", ROOT).encrypt(KeyId=key, Plaintext=b"x" * 32, EncryptionContext=dict(context))["CiphertextBlob"]


def dynamodb(api, op, body):
    body = json.loads(json.dumps(body))
    rename(body)
    if op == "ExecuteStatement":
        return api.execute_statement(Statement=body["Statement"].replace('"data"', f'"{place["prefix"]}-data"'))
    if op in ("PutItem", "UpdateItem", "DeleteItem"):
        body.setdefault("ConditionExpression", NEVER)
    for member in body.get("TransactItems", []):
        for what in member.values():
            what.setdefault("ConditionExpression", NEVER)
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", op).lower()
    return getattr(api, method)(**body)


def rename(node):
    """Tables carry the deployment's prefix."""
    if isinstance(node, dict):
        if isinstance(node.get("TableName"), str):
            node["TableName"] = f"{place['prefix']}-{node['TableName']}"
        if isinstance(node.get("RequestItems"), dict):
            node["RequestItems"] = {f"{place['prefix']}-{name}": items for name, items in node["RequestItems"].items()}
        for value in node.values():
            rename(value)
    elif isinstance(node, list):
        for value in node:
            rename(value)


def kms(api, op, body):
    key = place["keys"].get(body.get("keyTenant"))
    context = body.get("EncryptionContext", {})
    if op == "Decrypt":
        blob = ciphertext(key, tuple(sorted(context.items())))
        return api.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionContext=context)
    if op in ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"):
        method = api.generate_data_key if op == "GenerateDataKey" else api.generate_data_key_without_plaintext
        return method(KeyId=key, KeySpec="AES_256", EncryptionContext=context)
    if op == "CreateGrant":
        grantee = f"{place['role_prefix']}Staff"
        return api.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Decrypt"])
    if op == "CreateKey":
        return api.create_key(Tags=tags(body))
    if op == "TagResource":
        return api.tag_resource(KeyId=key, Tags=tags(body))
    if op == "PutKeyPolicy":
        policy = api.meta.client_root.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
        return api.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    raise ValueError(f"no adapter for kms:{op}")


def tags(body):
    return [{"TagKey": name, "TagValue": value} for name, value in body.get("RequestTags", {}).items()]


def s3(api, op, body):
    if op == "ListBucket":
        prefix = {} if "Prefix" not in body else {"Prefix": body["Prefix"]}
        return api.list_objects_v2(Bucket=place["bucket"], **prefix)
    if op == "GetObject":
        return api.get_object(Bucket=place["bucket"], Key=body["Key"])
    if op == "PutObject":
        # A precondition that fails after the policy has spoken: nothing is stored.
        return api.put_object(Bucket=place["bucket"], Key=body["Key"], Body=b"", IfMatch='"none"')
    raise ValueError(f"no adapter for s3:{op}")


def sts(api, op, body):
    return api.assume_role(RoleArn=f"{place['role_prefix']}{body['role']}", RoleSessionName="vector",
                           Tags=[{"Key": name, "Value": value} for name, value in body.get("tags", {}).items()])


ADAPTERS = {"dynamodb": dynamodb, "kms": kms, "s3": s3, "sts": sts}


def verdict(vector):
    call = here(vector["call"])
    api = client(call["service"], vector["who"])
    if api is None:
        return "deny"
    if call["service"] == "kms":
        api.meta.client_root = service("kms", ROOT)
    try:
        ADAPTERS[call["service"]](api, call["op"], call["body"])
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSED:
            return "deny"
    return "allow"


wrong, judged = [], 0
for vector in asked["vectors"]["cases"]:
    policy = asked["vectors"]["sessions"][vector["who"]].get("policy")
    if vector.get("note") == "simulator only" or policy:
        # Wrong policies are in no template, so no role here has them.
        continue
    judged += 1
    got = verdict(vector)
    if got != vector["want"]:
        wrong.append({"who": vector["who"], "name": vector["name"], "want": vector["want"], "got": got, "call": vector["call"]})
print(json.dumps({"judged": judged, "wrong": wrong}))
