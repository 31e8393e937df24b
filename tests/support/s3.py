"""A real S3 server on loopback: OpenStack Swift with its S3 interface, from PyPI, in an environment of its own.

`make test-full` makes that environment, `.venv-s3`, from requirements/s3.txt. MUSTER_TEST_S3_VENV names
another one; MUSTER_TEST_S3_URL (`s3://bucket/prefix`, with the usual AWS_* variables) a server that already
runs, whose prefix the tests then fill and empty.
"""

import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

from tests.support.postgres import free_port

START_SECONDS = 60
BUCKET = "muster-tests"
_ROOT = Path(__file__).parents[2]

# As in postgres.py: the servers stop when the pipe closes, whatever happened to the tests.
_LEASH = """
exec 3<&0
for server in account container object proxy; do
    "$0/bin/swift-$server-server" "$1/$server.conf" & servers="$servers $!"
done
read _ <&3
kill $servers
wait
"""

_RINGS = """
import sys
from swift.common.ring import RingBuilder
for server, port in zip(("account", "container", "object"), map(int, sys.argv[2:])):
    ring = RingBuilder(4, 1, 1)
    ring.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1,
                  "replication_ip": "127.0.0.1", "replication_port": port})
    ring.rebalance()
    ring.get_ring().save(f"{sys.argv[1]}/{server}.ring.gz")
"""

_SHARED = """
[swift-hash]
swift_hash_path_prefix = tests
swift_hash_path_suffix = tests
[storage-policy:0]
name = only
default = yes
"""

_STORAGE = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {home}
devices = {home}/devices
mount_check = false
log_level = WARNING
fallocate_reserve = 0
disable_fallocate = true
[pipeline:main]
pipeline = {server}-server
[app:{server}-server]
use = egg:swift#{server}
"""

_FILTERS = {
    "catch_errors": "",
    "cache": "memcache_servers = 127.0.0.1:1",  # none; the filter only has to be there
    "listing_formats": "",
    "bulk": "",
    "s3api": "s3_acl = false\nlocation = us-east-1\ncheck_bucket_owner = false",
    "tempauth": "user_test_tester = testing .admin",
    "copy": "",
    "slo": "",
    "dlo": "",
    "symlink": "",
    "versioned_writes": "allow_object_versioning = true",
}


def why_no_s3() -> str | None:
    """What is missing for `s3_url`; None when nothing is."""
    if "MUSTER_TEST_S3_URL" in os.environ or (_programs() / "bin" / "swift-proxy-server").exists():
        return None
    return "no S3 server: run `make test-full`, or set MUSTER_TEST_S3_URL"


@contextmanager
def s3_url() -> Iterator[str]:
    """The URL of a bucket on a real server; the AWS_* variables that go with it are set meanwhile."""
    given = os.environ.get("MUSTER_TEST_S3_URL")
    if given:
        yield given.rstrip("/")
        return
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="muster-s3-") as directory:
        home = Path(directory)
        port = _configure(programs, home)
        with (home / "server.log").open("wb") as log:
            leash = subprocess.Popen(
                ["/bin/sh", "-c", _LEASH, programs, home],
                cwd=home,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        assert leash.stdin is not None
        credentials = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test:tester",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "us-east-1",
        }
        before = {name: os.environ.get(name) for name in credentials}
        os.environ.update(credentials)
        try:
            _make_bucket(home)
            yield f"s3://{BUCKET}/a-prefix"
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
            leash.stdin.close()
            leash.wait(timeout=30)


def _programs() -> Path:
    return Path(os.environ.get("MUSTER_TEST_S3_VENV", _ROOT / ".venv-s3"))


def _configure(programs: Path, home: Path) -> int:
    """Write the configuration and the rings; returns the port of the S3 interface."""
    (home / "devices" / "d1").mkdir(parents=True)
    (home / "swift.conf").write_text(_SHARED)
    user = subprocess.run(["id", "-un"], capture_output=True, check=True, text=True).stdout.strip()
    ports = {server: free_port() for server in ("account", "container", "object")}
    for server, port in ports.items():
        text = _STORAGE.format(port=port, user=user, home=home, server=server)
        (home / f"{server}.conf").write_text(text)
    subprocess.run(
        [programs / "bin" / "python", "-c", _RINGS, home, *map(str, ports.values())], check=True, cwd=home
    )
    port = free_port()
    lines = [
        f"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {port}\nworkers = 0\nuser = {user}",
        f"swift_dir = {home}\nlog_level = WARNING",
        f"[pipeline:main]\npipeline = {' '.join(_FILTERS)} proxy-server",
        "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true",
    ]
    for name, options in _FILTERS.items():
        library = "memcache" if name == "cache" else name
        lines.append(f"[filter:{name}]\nuse = egg:swift#{library}\n{options}")
    (home / "proxy.conf").write_text("\n".join(lines))
    return port


def _make_bucket(home: Path) -> None:
    """Wait until the server makes a bucket, which needs all four of its parts."""
    bucket = S3Store(BUCKET, client_options={"allow_http": True})
    url = obstore.sign(bucket, "PUT", "", timedelta(seconds=START_SECONDS))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=10):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                log = (home / "server.log").read_text(errors="replace")[-500:]
                raise RuntimeError(f"the S3 server did not start: {error}: {log}") from error
            time.sleep(0.1)
