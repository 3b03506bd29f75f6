"""Template properties that the package drops without a word, applied after its own create and update.

A table's TTL, point-in-time recovery and encryption; a bucket's encryption, Object Lock and
lifecycle; the OpenAPI ``Body`` of an HTTP API, without which every route of a SAM template
answers 404. What cannot be applied is an error, never silence. An update that removes one of
these properties does not clear it.
"""

import functools
from xml.sax.saxutils import escape

from http_api import import_body

from ministack.services import dynamodb, s3
from ministack.services.cloudformation import provisioners


def accepted(response, what):
    """The response of one of the package's handlers; an error when it refused."""
    if response and response[0] >= 400:
        raise ValueError(f"{what}: {response[2]!r}")
    return response


def is_true(value):
    return str(value).lower() == "true"


def xml(tag, node):
    if isinstance(node, list):
        return "".join(xml(tag, each) for each in node)
    if isinstance(node, dict):
        text = "".join(xml(name, each) for name, each in node.items())
    else:
        text = str(node).lower() if isinstance(node, bool) else escape(str(node))
    return f"<{tag}>{text}</{tag}>"


def table(name, props):
    ttl = props.get("TimeToLiveSpecification")
    if ttl:
        accepted(dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": ttl}), "TTL")
    recovery = props.get("PointInTimeRecoverySpecification")
    if recovery:
        request = {"TableName": name, "PointInTimeRecoverySpecification": recovery}
        accepted(dynamodb._update_continuous_backups(request), "point-in-time recovery")
    encryption = props.get("SSESpecification") or {}
    if is_true(encryption.get("SSEEnabled")):
        dynamodb._tables[name]["SSEDescription"] = {
            "Status": "ENABLED",
            "SSEType": encryption.get("SSEType", "KMS"),
            "KMSMasterKeyArn": encryption.get("KMSMasterKeyId", ""),
        }


def bucket(name, props):
    if props.get("BucketEncryption"):
        _encryption(name, props["BucketEncryption"]["ServerSideEncryptionConfiguration"])
    if is_true(props.get("ObjectLockEnabled")):
        _object_lock(name, (props.get("ObjectLockConfiguration") or {}).get("Rule"))
    if props.get("LifecycleConfiguration"):
        rules = [_lifecycle_rule(rule) for rule in props["LifecycleConfiguration"]["Rules"]]
        body = xml("LifecycleConfiguration", {"Rule": rules})
        accepted(s3._put_bucket_lifecycle(name, body.encode()), "lifecycle")


def _encryption(name, rules):
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault", {}),
            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in rules
    ]
    body = xml("ServerSideEncryptionConfiguration", {"Rule": rules})
    accepted(s3._put_bucket_encryption(name, body.encode()), "bucket encryption")


def _object_lock(name, rule):
    s3._bucket_versioning[name] = "Enabled"  # which Object Lock implies
    lock = {"ObjectLockEnabled": "Enabled", **({"Rule": rule} if rule else {})}
    body = xml("ObjectLockConfiguration", lock)
    accepted(s3._put_object_lock_configuration(name, body.encode()), "Object Lock")


_LIFECYCLE = {
    "Id", "Prefix", "Status", "ExpirationInDays", "NoncurrentVersionExpiration",
    "NoncurrentVersionExpirationInDays", "AbortIncompleteMultipartUpload", "Transitions",
    "ExpiredObjectDeleteMarker", "TagFilters",
}


def _lifecycle_rule(rule):
    unknown = set(rule) - _LIFECYCLE
    if unknown:
        raise ValueError(f"lifecycle properties without a counterpart here: {sorted(unknown)}")
    chosen = {"Prefix": rule.get("Prefix", "")}
    if rule.get("TagFilters"):
        chosen = {"And": {**chosen, "Tag": [{"Key": tag["Key"], "Value": tag["Value"]} for tag in rule["TagFilters"]]}}
    made = {"ID": rule.get("Id", "rule"), "Filter": chosen, "Status": rule["Status"]}
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": rule["ExpirationInDays"]}
    elif is_true(rule.get("ExpiredObjectDeleteMarker")):
        made["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    if rule.get("NoncurrentVersionExpiration"):
        made["NoncurrentVersionExpiration"] = rule["NoncurrentVersionExpiration"]
    elif "NoncurrentVersionExpirationInDays" in rule:
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    if rule.get("AbortIncompleteMultipartUpload"):
        made["AbortIncompleteMultipartUpload"] = rule["AbortIncompleteMultipartUpload"]
    if rule.get("Transitions"):
        made["Transition"] = [
            {"Days": each["TransitionInDays"], "StorageClass": each["StorageClass"]} for each in rule["Transitions"]
        ]
    return made


def _afterwards(resource_type, apply):
    """Applies the dropped properties after the package's own create and update."""
    handlers = provisioners._RESOURCE_HANDLERS[resource_type]
    # create(logical_id, props, ...) and update(physical_id, old_props, props, ...) -> (physical_id, ...)
    for verb, props_at in (("create", 1), ("update", 2)):
        if verb not in handlers:
            continue

        def wrapped(*args, _stock=handlers[verb], _at=props_at, **kwargs):
            result = _stock(*args, **kwargs)
            apply(result[0], args[_at])
            return result

        handlers[verb] = functools.wraps(handlers[verb])(wrapped)


def install():
    _afterwards("AWS::DynamoDB::Table", table)
    _afterwards("AWS::S3::Bucket", bucket)
    _afterwards("AWS::ApiGatewayV2::Api", lambda api_id, props: import_body(api_id, props, accepted))
