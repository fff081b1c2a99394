"""Start real S3 servers on loopback: moto, which knows Amazon's settings, and SeaweedFS, which districts run."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ACCESS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret"}
"""Credentials of both servers, as a process's environment holds them."""

BUCKET = "aimline"
"""The one bucket of SeaweedFS, which gives every bucket files of its own and is slow to make them."""

_PORTS = ("master.port", "volume.port", "filer.port", "s3.port")
_OFF = ("master.telemetry=false", "s3.port.iceberg=0", "s3.port.lance=0", "s3.iam=false", "volume.max=8")


def client(endpoint: str) -> Any:
    """Return a client of a server, for what a test prepares by hand."""
    import boto3

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test-secret", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=endpoint, **keys)


@contextmanager
def moto() -> Iterator[str]:
    """Run moto in a thread; yield its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def seaweed(folder: Path) -> Iterator[str]:
    """Run SeaweedFS as a process; yield its address when the first object has been written."""
    identity = {"accessKey": ACCESS["AWS_ACCESS_KEY_ID"], "secretKey": ACCESS["AWS_SECRET_ACCESS_KEY"]}
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    (folder / "s3.json").write_text(
        json.dumps({"identities": [{"name": "t", "credentials": [identity], "actions": actions}]}), encoding="utf-8"
    )
    (folder / "data").mkdir()
    ports = _free_ports(2 * len(_PORTS))
    options = [f"{name}={ports.pop()}" for part in _PORTS for name in (part, f"{part}.grpc")]
    options += ["dir=data", "ip=127.0.0.1", "ip.bind=127.0.0.1", "filer", "s3", "s3.config=s3.json", *_OFF]
    words = [str(Path(sys.executable).with_name("weed")), "server", *(f"-{option}" for option in options)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, cwd=folder, **quiet) as process:
        try:
            s3_port = next(option for option in options if option.startswith("s3.port="))
            endpoint = f"http://127.0.0.1:{s3_port.removeprefix('s3.port=')}"
            _wait_for(endpoint, process)
            yield endpoint
        finally:
            process.kill()


def _free_ports(count: int) -> list[int]:
    """Return ports nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _wait_for(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server takes an object."""
    from botocore.exceptions import BotoCoreError, ClientError

    server = client(endpoint)
    patience = time.monotonic() + 60
    while time.monotonic() < patience and process.poll() is None:
        with suppress(BotoCoreError, ClientError):
            if not server.list_buckets()["Buckets"]:
                server.create_bucket(Bucket=BUCKET)
            server.put_object(Bucket=BUCKET, Key="ready", Body=b"1")
            return
        time.sleep(0.1)
    raise AssertionError("the object server did not start")
