"""The HTTP interface as its description says, asked thousands of ways: the real program, as operator.

    schemathesis_test.py --halcyon PATH --devstack PATH [--examples N] [--seed N]

Schemathesis makes requests of the description that the program itself serves: right ones, wrong ones, and those that
follow from replies. What acts is asked, too: collections are paused, letters dropped, jobs started. Afterwards both sides
must still agree.
"""

import argparse
import collections
import os
import pathlib
import subprocess
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "end_to_end"))
from expectation import Route  # noqa: E402  (a sibling's helper)
from world import World  # noqa: E402

Programs = collections.namedtuple("Programs", "halcyon devstack")
TOKEN = "operator-of-the-tests"
# A websocket; files under names that are not asked for at random.
NOT_ASKED = ["/v1/telemetry", "/assets/{name}"]
ROUTES = [
    Route("products", "products", text=["name"], payload=["name", "n"]),
    Route("articles", "products", text=["name"], payload=["name"]),
]


def loaded(world):
    """Documents that are held, one that is a dead letter, and where the interface is."""
    world.service.poison = "poison"
    world.db.products.insert_many([{"_id": i, "name": f"product {i}", "n": i} for i in range(30)])
    world.db.articles.insert_many([{"_id": f"a{i}", "name": f"article {i}"} for i in range(10)])
    tokens = [{"name": "ops", "role": "operator", "token": TOKEN}]
    world.run(ROUTES, http={"listen": "127.0.0.1:0", "tokens": tokens}, retry={"interval": "1s"})
    world.settle()
    world.db.products.insert_one({"_id": "bad", "name": "poison", "n": 1})
    world.eventually(lambda: None if world.sidecar.json("dead-letters", "list")["letters"] else "no dead letter")
    return f"http://127.0.0.1:{world.http_port()}"


def asked(url, folder, arguments):
    """Schemathesis' own exit code."""
    command = [
        *[sys.executable, "-B", "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")],
        *["run", f"{url}/openapi.json", "--header", f"Authorization: Bearer {TOKEN}"],
        *["--seed", str(arguments.seed), "--max-examples", str(arguments.examples), "--no-color"],
    ]
    for path in NOT_ASKED:
        command += ["--exclude-path", path]
    # It leaves a cache in the folder.
    return subprocess.run(command, timeout=300, check=False, cwd=folder).returncode


def post(url, path):
    request = urllib.request.Request(url + path, method="POST", headers={"X-Api-Key": TOKEN})
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert reply.status == 200


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--halcyon", required=True)
    parser.add_argument("--devstack", required=True)
    parser.add_argument("--examples", type=int, default=40, help="requests of a kind for each operation")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with World(Programs(os.path.abspath(arguments.halcyon), os.path.abspath(arguments.devstack)), "development") as world:
        url = loaded(world)
        failed = asked(url, world.folder, arguments) != 0
        world.failed = failed
        assert world.sidecar.running(), world.sidecar.log_end()
        bugs = [line for line in world.sidecar.log_text().splitlines() if "[http]" in line and "error" in line]
        assert not bugs, "\n".join(bugs)
        if not failed:
            # Its letter may have been dropped: then it stays away until it changes.
            world.service.poison = None
            world.db.products.update_one({"_id": "bad"}, {"$set": {"n": 2}})
            post(url, "/v1/resume")
            world.settle()
    print(f"{0 if failed else 1} passed, {1 if failed else 0} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
