"""Phase 5: searches in words."""

import json

SEARCHES = [
    "edit photos from the command line",
    "play chess against the computer",
    "monitor network traffic in the terminal",
]
HITS = 5


def run(world):
    for words in SEARCHES:
        reply = json.loads(world.sidecar.command("search", world.collection, words, "--limit", str(HITS), "--json"))
        names = [hit["payload"]["name"] for hit in reply["hits"]]
        known = world.packages.count_documents({"_id": {"$in": names}}) + world.extras.count_documents(
            {"_id": {"$in": names}}
        )
        scores = [hit["score"] for hit in reply["hits"]]
        world.checks.add(
            5, f'"{words}"', len(names) == HITS == known and scores == sorted(scores, reverse=True), ", ".join(names),
            f"{HITS} hits that MongoDB has, best first, were expected: `halcyon search`",
        )  # fmt: skip
