"""A bucket of an S3 server. Needs the optional packages (extra "s3")."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import md5, sha256
from threading import RLock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage

from caunoi.store.places import StoreError, digest

MEMORY = 1 << 20  # bytes of a file that is read, before it goes to the disk
MISSING = {"404", "NoSuchKey", "NotFound"}
_lock = RLock()


class Bucket(S3Storage):  # type: ignore[misc]
    """A bucket; whatever is asked of it ends within bounded time. Every file is sent with its MD5, which the server
    compares before it answers, and carries its SHA-256 as `x-amz-meta-sha256`."""

    def __init__(self, *, bucket: str, endpoint: str = "", region: str = "", access_key: str, secret_key: str) -> None:
        self.shared: boto3.Session | None = None
        config = Config(
            connect_timeout=3,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 3},
            signature_version="s3v4",
            # the newer checksums, in trailers, are refused by many a server that is not Amazon's
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if endpoint else "auto"},
        )
        super().__init__(
            bucket_name=bucket,
            endpoint_url=endpoint or None,
            region_name=region or None,
            access_key=access_key,
            secret_key=secret_key,
            client_config=config,
            max_memory_size=MEMORY,
        )

    @property
    def label(self) -> str:
        return f"{self.endpoint_url or 's3'}/{self.bucket_name}"

    @property
    def connection(self) -> Any:
        with _lock:  # what a session gives is each thread's own, the session is not made for several
            return super().connection

    def _create_session(self) -> boto3.Session:
        """One for all threads: each would load the description of the service anew."""
        self.shared = self.shared or super()._create_session()
        return self.shared

    def put(self, name: str, content: "File[bytes]", checksum: bytes) -> str:
        content.seek(0)
        sent = md5(usedforsecurity=False)
        for piece in content.chunks():
            sent.update(piece)
        content.seek(0)
        with self._bounded(name):
            self._object(name).put(
                Body=content.file,
                ContentMD5=b64encode(sent.digest()).decode(),
                ContentType="application/octet-stream",
                Metadata={"sha256": checksum.hex()},
            )
        return name

    def keep(self, name: str, data: bytes) -> None:
        self.put(name, ContentFile(data), sha256(data).digest())

    def take(self, name: str) -> "File[bytes]":
        with self._bounded(name):
            opened = self.open(name)
            return File(opened.file, name)  # fetched now: it fails here or not at all

    def checksum(self, name: str) -> bytes:
        with self.take(name) as file:
            return digest(file)

    def stamp(self, name: str) -> bytes:
        with self._bounded(name):
            mark = self._object(name).metadata.get("sha256", "")
        return bytes.fromhex(mark) if mark else self.checksum(name)

    def names(self) -> Iterator[str]:
        with self._bounded(""):
            for one in self.bucket.objects.all():
                yield one.key

    def exists(self, name: str) -> bool:
        try:
            with self._bounded(name):
                self._object(name).load()
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        with self._bounded(name):
            super().delete(name)

    def size(self, name: str) -> int:
        with self._bounded(name):
            return int(self._object(name).content_length)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with self._bounded(name):
            folders, files = super().listdir(name)
        return folders, files

    def get_modified_time(self, name: str) -> datetime:
        with self._bounded(name):
            return self._object(name).last_modified  # type: ignore[no-any-return]

    def _object(self, name: str) -> Any:
        return self.bucket.Object(self._normalize_name(name))

    @contextmanager
    def _bounded(self, name: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in MISSING:
                raise FileNotFoundError(name) from None
            raise StoreError(f"{self.label}: {code or error}") from error
        except BotoCoreError as error:
            raise StoreError(f"{self.label}: {error}") from error
