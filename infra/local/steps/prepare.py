"""What an account has before anything is deployed: a bucket for what is deployed, a verified sender.

    prepare.py BUCKET SENDER
"""

import sys

from aws import client


def main(bucket, sender):
    client("s3").create_bucket(Bucket=bucket)
    client("ses").verify_email_identity(EmailAddress=sender)


if __name__ == "__main__":
    main(*sys.argv[1:])
