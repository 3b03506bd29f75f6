"""The outputs of the deployed stack as JSON on standard output; empties the bucket it was deployed from.

    outputs.py STACK BUCKET

The emulator keeps a copy of each package with its function; a second one would double its memory.
"""

import json
import sys

from aws import client


def main(stack, bucket):
    described = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    s3 = client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys = [{"Key": found["Key"]} for found in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    outputs["Account"] = client("sts").get_caller_identity()["Account"]
    json.dump(outputs, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
