"""A real S3 server on loopback: moto's, with a bucket in it. It keeps what it takes in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
import httpx
from moto.server import ThreadedMotoServer

ACCESS_KEY, SECRET_KEY, REGION = "demo-access", "demo-secret", "us-east-1"


@dataclass(frozen=True, kw_only=True)
class S3:
    """Where it listens, and the bucket."""

    endpoint: str
    bucket: str = "caunoi-files"

    @property
    def environ(self) -> dict[str, str]:
        """What leads the product to it."""
        return {
            "S3_ENDPOINT": self.endpoint,
            "S3_BUCKET": self.bucket,
            "S3_ACCESS_KEY": ACCESS_KEY,
            "S3_SECRET_KEY": SECRET_KEY,
            "S3_REGION": REGION,
        }

    def client(self):
        """Another program's own view of it."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            region_name=REGION,
        )

    def names(self) -> set[str]:
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {one["Key"] for page in pages for one in page.get("Contents", [])}

    def read(self, name: str) -> bytes:
        return self.client().get_object(Bucket=self.bucket, Key=name)["Body"].read()

    def write(self, name: str, data: bytes) -> None:
        self.client().put_object(Bucket=self.bucket, Key=name, Body=data)


@contextmanager
def serve() -> Iterator[S3]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        one = S3(endpoint=f"http://{host}:{port}")
        httpx.post(f"{one.endpoint}/moto-api/reset").raise_for_status()  # all servers of a process have one memory
        one.client().create_bucket(Bucket=one.bucket)
        yield one
    finally:
        server.stop()
