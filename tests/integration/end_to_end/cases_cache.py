"""A vector that was paid for once is not paid for again."""

import os

from cases import case
from cases_live import PRODUCTS, products
from expectation import Route


@case("a text that is moved, renamed, copied or added again is not embedded again, until the model changes")
def kept(w):
    state = w.state_settings("16MiB")
    routes = [PRODUCTS, Route("articles", "products")]
    w.db.products.insert_many(products(0, 100))
    w.run(routes, state=state)
    w.settle()
    paid = w.service.embedded()
    assert paid == 100, paid
    w.db.products.insert_many([{**p, "_id": 1000 + p["_id"]} for p in products(0, 20)])
    w.db.products.rename("articles")
    w.settle()
    w.db.articles.delete_many({"_id": {"$lt": 20}})
    w.settle()
    w.db.products.insert_many(products(0, 20))
    w.settle()
    assert w.service.embedded() == paid, f"{w.service.embedded() - paid} texts were embedded again"
    status = w.sidecar.status()
    assert status["embedded_texts"] == paid, status
    assert status["vector_cache"]["hits"] >= 120 and status["vector_cache"]["misses"] == paid, status

    w.sidecar.stop()
    w.db.products.insert_many([{**p, "_id": 2000 + p["_id"]} for p in products(0, 20)])
    w.run()
    w.settle()
    assert w.service.embedded() == paid, "an orderly stop forgot what was paid for"

    w.sidecar.stop()
    again = {"default": {**w.embedder_settings(), "model": "known too"}}
    w.run(routes, state=state, embedders=again)
    w.settle()
    anew = w.service.embedded()
    # A copy that comes while its vector is being kept is embedded once more.
    assert paid + 100 <= anew <= paid + 140, f"{anew - paid} texts were embedded for another model"

    w.sidecar.stop()
    assert os.path.isdir(os.path.join(state["path"], "vectors"))
    w.run(routes, embedders=again)
    w.settle()
    assert not os.path.exists(os.path.join(state["path"], "vectors")), "switched off, it still takes its room"
    w.db.products.insert_one({**products(0, 1)[0], "_id": 3000})
    w.settle()
    assert w.service.embedded() == anew + 1 and "vector_cache" not in w.sidecar.status()
