"""One round: a world, a kill at one point and some at random instants, a restart to in sync, both sides compared."""

import os
import shutil
import signal
import time

from judge import Judge
from provenance import point_id
from spent import Spent
from triggers import Moment
from workload import SICK, Workload, routes

PATIENCE = 30
REACH = 10  # seconds in which a point has to be met


class Round:
    def __init__(self, world, chance, point):
        self.world, self.chance, self.point = world, chance, point
        self.kills, self.reached = 0, False
        self.collection = world.collection("products")
        self.work = Workload(world, chance)
        world.routes = routes(articles_to=chance.choice(["products", "articles"]))
        world.state = os.path.join(world.folder, "state")
        self.judge = Judge(world, self.work)
        self.spent = Spent(world.service)
        world.service.sick = SICK
        self.calm = self.calm_before = 0  # upheavals that were over at last, and when this life began

    def run(self):
        self.work.load(self.chance.randint(80, 300), self.chance.randint(10, 40))
        getattr(self, self.point.phase)()
        for _ in range(self.chance.randrange(3)):
            self.downtime()
            self.crash(Moment(self.world, self.chance.uniform(0.0, 0.6)), lambda: self.work.some(2))
        self.downtime()
        self.start()
        self.work.some(self.chance.randrange(10))
        self.settle()
        self.nothing_to_do()

    # The phases. Each ends with a dead sidecar.

    def load(self):
        self.meet(lambda: self.work.some(2), limit=4)

    def stream(self):
        self.begin()
        self.meet(lambda: self.work.some(6))

    def recover(self):
        self.begin()
        self.crash(Moment(self.world, self.chance.uniform(0.0, 0.2)), lambda: self.work.some(8))
        self.work.some(20)
        self.meet(lambda: self.work.some(3))

    def history(self):
        self.begin()
        self.end()
        self.work.lose_history()
        self.meet(lambda: self.work.some(1), limit=2)

    def death(self):
        self.begin()
        self.meet(self.work.death)

    def rebuild(self):
        self.begin()
        self.end()
        shutil.rmtree(self.world.state)
        self.work.some(6)
        self.meet(lambda: self.work.some(1), limit=2)

    def stop(self):
        self.begin()
        self.meet(lambda: self.work.some(4), limit=1, stop=True)

    # The steps of a phase.

    def start(self):
        self.configure(self.spent.begin())
        self.calm_before = self.calm
        self.world.run()

    def configure(self, key):
        """Small batches and short time-outs, so that little work is many requests."""
        world = self.world
        timeout = "300ms" if self.point.hasty else "10s"
        embedder = {**world.embedder_settings(), "api_key": key, "timeout": timeout, "batch": {"texts": 16, "wait": "5ms"}}
        world.configure(
            world.routes,
            mongodb={**world.mongodb_settings(), "await": "50ms", "batch_size": 40},
            qdrant={**world.qdrant_settings(), "writer_lease": "1s"},
            embedders={"default": embedder},
            pipeline={"write_points": 32, "tombstones": {"interval": "100ms", "age": "0s", "least": 0}},
            retry={"interval": "100ms", "attempts": 1000, "backoff": {"initial": "100ms", "cap": "500ms"}},
            guards={"max_delete_share": "100%"},
            state={"path": world.state, "write_buffer": "1MiB", "vector_cache": "0"},
        )

    def begin(self):
        self.start()
        self.settle()

    def end(self):
        """Orderly or not."""
        if self.chance.random() < 0.5:
            self.world.sidecar.stop()
            self.account()
        else:
            self.crash(Moment(self.world, self.chance.uniform(0.0, 0.1)), lambda: self.work.some(4))

    def downtime(self):
        self.work.some(self.chance.randrange(8))
        if self.chance.random() < 0.1:
            self.work.lose_history()
        if self.chance.random() < 0.1:
            self.work.death()

    def meet(self, change, limit=10**9, stop=False):
        nth = self.chance.randint(self.point.least, self.point.most)
        linger = max(0.0, self.chance.uniform(-0.15, 0.15))
        self.reached = self.crash(self.point.trigger(self.world, nth, linger), change, limit, stop, self.point.trouble)

    def crash(self, trigger, change, limit=10**9, stop=False, trouble=None):
        """Changes (`limit` times, then a SIGTERM if `stop`) until the trigger kills; False if it is killed without it in the end."""
        world = self.world
        if world.sidecar.process is None and isinstance(trigger, Moment):
            self.start()
        with trigger:
            if world.sidecar.process is None:
                self.start()
            if trouble:
                trouble(world)
            end, asked = time.monotonic() + REACH, False
            while not trigger.hit.is_set() and time.monotonic() < end:
                if limit > 0:
                    change()
                    limit -= 1
                elif stop and not asked:
                    world.sidecar.process.send_signal(signal.SIGTERM)
                    asked = True
                if world.sidecar.process.poll() is not None and not trigger.hit.wait(0.1):
                    break
                trigger.hit.wait(0.005)
        world.service.recover()
        if not trigger.hit.is_set() and world.sidecar.running():
            world.sidecar.process.kill()
        code = world.sidecar.ended()
        assert code == -signal.SIGKILL or (asked and code == 0), f"halcyon ended with {code} of itself:\n{world.sidecar.log_end()}"
        world.stack.control("DELETE", "/faults")
        self.kills += code != 0
        self.account(trouble)
        return trigger.hit.is_set() and code != 0

    # Both sides are looked at.

    def account(self, trouble=None):
        held, wanted = self.judge.held()
        upheaval = trouble is not None or self.point.hasty or self.work.upheavals != self.calm_before
        self.spent.end(held, wanted, upheaval)
        assert not self.spent.problems, self.spent.problems[0]

    def settle(self):
        """What was changed last arrives, failing texts heal, the sidecar says that it is in sync, and both sides are equal."""
        world = self.world
        world.service.sick = None
        marker = self.work.mark()
        body = {"ids": [point_id(self.collection, f"{world.database_name}.products", marker, 0)], "with_payload": False}
        path = f"/collections/{self.collection}/points"

        def arrived():
            status, reply = world.qdrant.call("POST", path, body)
            return None if status == 200 and reply["result"] else f"{marker} does not arrive"

        world.eventually(arrived, PATIENCE)
        world.eventually(lambda: None if world.in_sync() else "it is not in sync", PATIENCE)
        world.eventually(self.judge.wrong, PATIENCE)
        self.calm = self.work.upheavals
        world.service.sick = SICK

    def nothing_to_do(self):
        """The receipts say what Qdrant holds: events that change nothing cost nothing after an orderly stop."""
        self.world.sidecar.stop()
        self.account()
        self.start()
        self.work.touch_all()
        self.settle()
        status = self.world.sidecar.status()
        done = {what: sum(row[what] for row in status["collections"]) for what in ("upserted", "payloads", "removed")}
        done["embedded"] = status["embedded_texts"]
        assert done == {"upserted": 1, "payloads": 0, "removed": 0, "embedded": 1}, f"work without a change: {done}"
        self.account()
