"""The canary: firm b's rows, keys and objects are refused to firm a, and its own are allowed.

    canary.py PREFIX ACCOUNT

With the deployed roles, assumed through their own vending functions' roles with the tags that they
demand. Every isolation result rests on the emulator's judgement of these, so nothing starts when
one is wrong. It leaves nothing behind but one key: what may be written is written under a
condition that fails.
"""

import sys

from botocore.exceptions import ClientError

from aws import client

FIRM_A, FIRM_B = f"{'CANARYA':0<26}", f"{'CANARYB':0<26}"
CLIENT, OTHER_CLIENT, PERSON = f"{'CLIENT':0<26}", f"{'STRANGER':0<26}", f"{'PERSON':0<26}"
KEY_ALIAS = "alias/canary"

REFUSED = {"AccessDenied", "AccessDeniedException", "403"}
# The policy let it pass, and the store had nothing to give or a condition that failed.
PASSED = {"TransactionCanceledException", "NoSuchKey", "404"}
UNKNOWN_KEY = {"UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"}


class Canary:
    def __init__(self, prefix, account):
        self.prefix, self.account = prefix, account
        self.bucket = f"{prefix}-documents-{account}"
        self.wrong, self.tried = [], 0
        self.vendors = {}

    def role(self, name):
        return f"arn:aws:iam::{self.account}:role/{self.prefix}-{name}"

    def vendor(self, name):
        """STS as the execution role of a vending function; only root can be that without being it."""
        if name not in self.vendors:
            held = client("sts").assume_role(RoleArn=self.role(name), RoleSessionName="canary")["Credentials"]
            self.vendors[name] = client("sts", held)
        return self.vendors[name]

    def vend(self, vendor, role, **tags):
        pairs = [{"Key": name, "Value": value} for name, value in tags.items()]
        sts = self.vendor(vendor)
        return sts.assume_role(RoleArn=self.role(role), RoleSessionName="canary", Tags=pairs)["Credentials"]

    def outcome(self, attempt):
        try:
            attempt()
            return "allowed"
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in PASSED:
                return "allowed"
            return "refused" if code in REFUSED else code

    def check(self, want, what, attempt):
        self.tried += 1
        found = self.outcome(attempt)
        if found != want:
            self.wrong.append(f"{what}: {found}, must be {want}")


def partition(firm, one_client, part=""):
    return f"T#{firm}#C#{one_client}{part}"


def text(value):
    return {"S": value}


def row(key):
    return {"pk": text(key), "sk": text("canary")}


def never_put(table, key):
    """A write that its condition always cancels."""
    return {"Put": {"TableName": table, "Item": row(key), "ConditionExpression": "attribute_exists(pk)"}}


def rows(canary, who, db, table, want, key):
    """Each way to reach a partition of the data table."""
    said = f"{who}, {'own' if want == 'allowed' else 'foreign'} rows by"
    condition = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": text(key)}}
    ways = {
        "GetItem": lambda: db.get_item(TableName=table, Key=row(key)),
        "Query": lambda: db.query(TableName=table, **condition),
        "BatchGetItem": lambda: db.batch_get_item(RequestItems={table: {"Keys": [row(key)]}}),
        "TransactWriteItems": lambda: db.transact_write_items(TransactItems=[never_put(table, key)]),
    }
    for way, attempt in ways.items():
        canary.check(want, f"{said} {way}", attempt)


# What a role asks its vendor to say beside whose it is: whether bills and internal notes are reached.
POWERS = {"Staff": {"b": "no", "i": "no"}, "ClientMember": {"b": "no"}, "ClientAdmin": {"b": "no"}}


def person(canary, name):
    """Staff or a client's member, with a grant for one client of firm a."""
    credentials = canary.vend("fn-access", name, t=FIRM_A, c=CLIENT, u=PERSON, **POWERS[name])
    db, table = client("dynamodb", credentials), f"{canary.prefix}-data"
    own = partition(FIRM_A, CLIENT)
    rows(canary, name, db, table, "allowed", own)
    for key in (partition(FIRM_B, CLIENT), partition(FIRM_A, OTHER_CLIENT)):
        rows(canary, name, db, table, "refused", key)
    foreign = partition(FIRM_B, CLIENT)
    audit = f"{canary.prefix}-audit"
    both = [never_put(table, own), never_put(table, foreign)]
    state_and_audit = [never_put(table, own), never_put(audit, partition(FIRM_A, CLIENT, "#A"))]
    foreign_audit = [never_put(table, own), never_put(audit, partition(FIRM_B, CLIENT, "#A"))]
    batch = {table: {"Keys": [row(own), row(foreign)]}}
    pointers = {"KeyConditionExpression": "wpk = :pk", "ExpressionAttributeValues": {":pk": text("OB#0")}}
    for want, what, attempt in [
        ("refused", "a transaction with one foreign row", lambda: db.transact_write_items(TransactItems=both)),
        ("allowed", "state with its audit event", lambda: db.transact_write_items(TransactItems=state_and_audit)),
        ("refused", "a foreign audit event", lambda: db.transact_write_items(TransactItems=foreign_audit)),
        ("refused", "a batch with one foreign row", lambda: db.batch_get_item(RequestItems=batch)),
        ("refused", "Scan", lambda: db.scan(TableName=table, Limit=1)),
        ("refused", "PutItem outside a transaction", lambda: db.put_item(
            TableName=table, Item=row(own), ConditionExpression="attribute_exists(pk)")),
        ("refused", "the index of workers", lambda: db.query(TableName=table, IndexName="work", **pointers)),
    ]:
        canary.check(want, f"{name}, {what}", attempt)
    return credentials


def key_of_firm_a():
    kms = client("kms")
    known = [alias for alias in kms.list_aliases()["Aliases"] if alias["AliasName"] == KEY_ALIAS]
    if known:
        return known[0]["TargetKeyId"]
    key = kms.create_key(Description="canary", Tags=[{"TagKey": "t", "TagValue": FIRM_A}])["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=KEY_ALIAS, TargetKeyId=key)
    return key


def keys(canary, staff):
    """A data key sealed for one client opens for that client of that firm only."""
    contexts = {one: {"firm": FIRM_A, "client": one} for one in (CLIENT, OTHER_CLIENT)}
    root, key = client("kms"), key_of_firm_a()
    sealed = {one: root.encrypt(KeyId=key, Plaintext=b"canary", EncryptionContext=context)["CiphertextBlob"]
              for one, context in contexts.items()}

    def opening(kms, one, context):
        return lambda: kms.decrypt(KeyId=key, CiphertextBlob=sealed[one], EncryptionContext=context)

    own = client("kms", staff)
    canary.check("allowed", "Staff, own key context", opening(own, CLIENT, contexts[CLIENT]))
    canary.check("refused", "Staff, foreign key context", opening(own, OTHER_CLIENT, contexts[OTHER_CLIENT]))
    canary.check("refused", "Staff, no key context", opening(own, CLIENT, {}))
    stranger = client("kms", canary.vend("fn-access", "Staff", t=FIRM_B, c=CLIENT, u=PERSON, **POWERS["Staff"]))
    canary.check("refused", "Staff of firm b, firm a's key", opening(stranger, CLIENT, contexts[CLIENT]))


def objects(canary, staff):
    """Reading is DocOpen's, uploading is Staff's."""
    reader = client("s3", canary.vend("fn-access-documents", "DocOpen", t=FIRM_A, c=CLIENT, u=PERSON))

    def reading(firm, one):
        return lambda: reader.get_object(Bucket=canary.bucket, Key=f"clean/t/{firm}/c/{one}/open/canary")

    canary.check("allowed", "DocOpen, own object", reading(FIRM_A, CLIENT))
    canary.check("refused", "DocOpen, firm b's object", reading(FIRM_B, CLIENT))
    canary.check("refused", "DocOpen, another client's object", reading(FIRM_A, OTHER_CLIENT))
    foreign = f"quarantine/t/{FIRM_B}/c/{CLIENT}/open/canary"
    canary.check("refused", "Staff, an upload to firm b",
                 lambda: client("s3", staff).put_object(Bucket=canary.bucket, Key=foreign, Body=b""))


def vending(canary):
    """A role is assumed by its own vending function with all of its tags, or not at all."""
    canary.check("refused", "Staff without a client", lambda: canary.vend("fn-access", "Staff", t=FIRM_A, u=PERSON, **POWERS["Staff"]))
    canary.check("refused", "Staff from another function's role",
                 lambda: canary.vend("fn-auth", "Staff", t=FIRM_A, c=CLIENT, u=PERSON, **POWERS["Staff"]))
    nobody = {"AccessKeyId": "ASIA0000000000NOBODY", "SecretAccessKey": "none", "SessionToken": "none"}
    found = canary.outcome(lambda: client("dynamodb", nobody).get_item(
        TableName=f"{canary.prefix}-data", Key=row(partition(FIRM_A, CLIENT))))
    if found != "refused" and found not in UNKNOWN_KEY:
        canary.wrong.append(f"an unknown access key: {found}, must be refused")


def main(prefix, account):
    canary = Canary(prefix, account)
    try:
        staff = person(canary, "Staff")
        person(canary, "ClientMember")
        keys(canary, staff)
        objects(canary, staff)
        vending(canary)
    except ClientError as error:
        sys.exit(f"it could not be tried: {error}")
    if canary.wrong:
        sys.exit("\n".join(canary.wrong))
    print(canary.tried)


if __name__ == "__main__":
    main(*sys.argv[1:])
