"""From a change in MongoDB to a confirmed point in Qdrant: halcyon beside the peer, and beside what cannot be left out."""

from stage import must
from subject import LEXICAL

ROUNDS = 2
TEXTS_A_REQUEST = 64  # halcyon's default for a service


class Spent:
    """Of several rounds."""

    def __init__(self):
        self.events, self.seconds, self.cpu = 0, 0.0, 0.0

    def add(self, events, seconds, cpu):
        self.events, self.seconds, self.cpu = self.events + events, self.seconds + seconds, self.cpu + cpu

    @property
    def rate(self):
        return self.events / self.seconds

    @property
    def each(self):
        return self.cpu / self.events * 1e6


def service(responder):
    return f'{{ type: tei, url: "{responder.url}" }}'


# halcyon with this embedder, and the peer that does the same work.
PAIRS = {
    "lexical": ("built-in embedder", "hashing", "peer with scikit-learn's hashing"),
    "service": ("zero-cost service", "service", "peer with the same service"),
}


def end_to_end(world, take):
    """A burst of changes to each in turn; the peers, which are slower, get a fifth of the documents."""
    responder = world.responder()
    few = max(world.count // 5, 100)
    embedders = {"lexical": LEXICAL, "service": service(responder)}
    runners = {name: (world.loaded(world.halcyon(name, e), world.count), world.count) for name, e in embedders.items()}
    for kind in ("hashing", "service", "free"):
        name = f"peer_{kind}"
        world.insert(name, few)
        runners[name] = (world.peer(name, responder.url if kind == "service" else kind), few)
        runners[name][0].start()
    spent = {name: Spent() for name in runners}
    for _ in range(ROUNDS):
        for name, (process, count) in runners.items():
            seconds, cpu, _ = world.burst(process, count)
            spent[name].add(count, seconds, cpu)
    for name, (_, count) in runners.items():
        world.must_hold(name, count)
    for name in embedders:
        texts = runners[name][0].status()["embedded_texts"]
        must(texts == world.count * (ROUNDS + 1), f"{name}: {texts} texts were embedded")
    for name, (what, kind, other) in PAIRS.items():
        beside(take, what, spent[name], other, spent[f"peer_{kind}"])
    free = spent["peer_free"]
    take("end-to-end", "peer whose vectors cost nothing: events", free.rate, "1/s")
    take("end-to-end", "peer whose vectors cost nothing: CPU an event", free.each, "us")


def beside(take, what, mine, name, peer):
    take(
        "end-to-end",
        f"events, {what}",
        mine.rate,
        "1/s",
        f"peer {peer.rate:,.0f}: {mine.rate / peer.rate:.1f}x",
        "at least 10x the peer's",
        mine.rate >= 10 * peer.rate,
    )
    take(
        "end-to-end",
        f"CPU of halcyon an event, {what}",
        mine.each,
        "us",
        f"peer {peer.each:,.0f}: 1/{peer.each / mine.each:.1f}",
        "at most 1/10 of the peer's",
        mine.each <= peer.each / 10,
    )
    take("end-to-end", f"{name}: events", peer.rate, "1/s")
    take("end-to-end", f"{name}: CPU an event", peer.each, "us")


def floor(world, take):
    """The same changes, drained by the driver alone, and the same requests, sent when they are ready."""
    responder = world.responder()
    subject = world.loaded(world.halcyon("floor", service(responder)), world.count)
    mongodb, namespace = world.servers.mongodb_uri, f"{world.servers.database}.floor"
    world.servers.qdrant.ask("PUT", "/collections/replayed", {"vectors": {"size": 384, "distance": "Cosine"}})
    mine, parts = Spent(), {name: Spent() for name in ("drain", "embed", "write")}
    for _ in range(ROUNDS):
        seconds, cpu, since = world.burst(subject, world.count)
        mine.add(world.count, seconds, cpu)
        rows = world.floor("drain", mongodb, namespace, since.time, since.inc, world.count)
        rows |= world.floor(
            "replay", mongodb, namespace, responder.url, world.servers.qdrant_url, "replayed", TEXTS_A_REQUEST
        )
        for name, part in parts.items():
            part.add(rows[name]["items"], rows[name]["seconds"], rows[name]["cpu"])
    world.must_hold("replayed", world.count)
    least = sum(part.each for part in parts.values())
    take("floor", "reading the change stream, driver alone", parts["drain"].each, "us")
    take("floor", "sending ready texts to the embedder", parts["embed"].each, "us")
    take("floor", "sending ready points to Qdrant", parts["write"].each, "us")
    take(
        "floor",
        "CPU of halcyon an event, zero-cost service",
        mine.each,
        "us",
        f"floor: {least:.1f}, {mine.each / least:.2f}x",
        "at most 1.5x the floor",
        mine.each <= 1.5 * least,
    )
