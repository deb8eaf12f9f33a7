"""What happens to MongoDB, and the same in a model. Every text is used once, so that an embedding names its reason."""

from expectation import Route

ACTIVE = {"status": "active"}
SICK = "sickening"  # a text with this word breaks the service


def routes(articles_to):
    return [
        Route("products", "products", filter=ACTIVE, keeps=lambda d: d.get("status") == "active"),
        Route("articles", articles_to, payload=["price"], chunk=(5, 1)),
    ]


class Workload:
    """`model` is what MongoDB holds: {collection: {_id: document}}."""

    def __init__(self, world, chance):
        self.world, self.chance = world, chance
        self.model = {"products": {}, "articles": {}}
        self.serial = 0
        self.reborn = set()  # (collection, _id) that was deleted and inserted again
        self.upheavals = 0  # after which halcyon reads whole collections again
        self.small = [
            (6, self.insert_products),
            (6, self.edit_products),
            (1, self.sicken_products),
            (5, self.price_products),
            (2, self.touch_products),
            (3, self.toggle_products),
            (3, self.delete_products),
            (2, self.delete_and_insert),
            (3, self.insert_articles),
            (6, self.resize_articles),
            (2, self.price_articles),
            (1, self.empty_articles),
            (2, self.delete_articles),
            (3, self.transaction),
        ]
        self.large = [
            self.drop_articles,
            self.drop_products,
            self.replace_products,
            self.replace_articles,
            self.rename_away,
        ]

    def load(self, products, articles):
        self.insert("products", [self.product(self.next()) for _ in range(products)])
        self.insert("articles", [self.article(f"a{self.next()}") for _ in range(articles)])

    def some(self, operations):
        weights = [weight for weight, _ in self.small]
        for _, operation in self.chance.choices(self.small, weights, k=operations):
            operation()

    def death(self):
        """A collection dies, or another takes its name."""
        self.upheavals += 1
        operation = self.chance.choice(self.large)
        operation()
        self.insert("products", [self.product(self.next()) for _ in range(5)])
        self.insert("articles", [self.article(f"a{self.next()}") for _ in range(3)])

    def lose_history(self):
        """With removals that no event tells of."""
        self.upheavals += 1
        self.delete_products()
        self.some(10)
        self.delete_articles()
        self.world.stack.control("POST", "/mongodb/lose-history")
        self.some(4)

    def mark(self):
        """One document more, whose arrival says that everything before it was read."""
        document = self.product(f"marker {self.next()}")
        self.insert("products", [document])
        return document["_id"]

    def touch_all(self):
        """Nothing that halcyon looks at changes."""
        for name, documents in self.model.items():
            self.update(name, list(documents), touched=self.next())

    # What follows changes both sides alike.

    def next(self):
        self.serial += 1
        return self.serial

    def words(self, count):
        mark = self.next()
        return " ".join(f"w{mark}n{i}" for i in range(count))

    def product(self, document_id):
        serial = self.next()
        return {
            "_id": document_id,
            "name": f"product {serial}",
            "description": f'says "{serial}" größer',
            "price": serial,
            "status": "active",
        }

    def article(self, document_id):
        return {"_id": document_id, "name": self.words(self.chance.randint(1, 60)), "price": self.next()}

    def pick(self, name, most):
        known = list(self.model[name])
        return self.chance.sample(known, min(len(known), self.chance.randint(1, most)))

    def insert(self, name, documents):
        self.world.db[name].insert_many(documents)
        self.model[name].update((d["_id"], dict(d)) for d in documents)

    def update(self, name, ids, /, **values):
        self.world.db[name].update_many({"_id": {"$in": ids}}, {"$set": values})
        for document_id in ids:
            self.model[name][document_id].update(values)

    def delete(self, name, ids):
        self.world.db[name].delete_many({"_id": {"$in": ids}})
        for document_id in ids:
            del self.model[name][document_id]

    def insert_products(self):
        self.insert("products", [self.product(self.next()) for _ in range(self.chance.randint(1, 30))])

    def edit_products(self):
        for document_id in self.pick("products", 12):
            self.update("products", [document_id], name=f"edited {self.next()}")

    def sicken_products(self):
        """They fail while others do not, until the service is mended."""
        for document_id in self.pick("products", 2):
            self.update("products", [document_id], name=f"{SICK} {self.next()}")

    def price_products(self):
        self.update("products", self.pick("products", 60), price=self.next())

    def touch_products(self):
        self.update("products", self.pick("products", 60), touched=self.next())

    def toggle_products(self):
        """They leave the route, and come back with other texts."""
        for document_id in self.pick("products", 8):
            away = self.model["products"][document_id]["status"] == "active"
            self.update(
                "products", [document_id], status="draft" if away else "active", description=f"back {self.next()}"
            )

    def delete_products(self):
        self.delete("products", self.pick("products", 10))

    def delete_and_insert(self):
        ids = self.pick("products", 4)
        self.reborn.update(("products", document_id) for document_id in ids)
        self.delete("products", ids)
        self.insert("products", [self.product(document_id) for document_id in ids] or [self.product(self.next())])

    def insert_articles(self):
        self.insert("articles", [self.article(f"a{self.next()}") for _ in range(self.chance.randint(1, 6))])

    def resize_articles(self):
        """They shrink and grow."""
        for document_id in self.pick("articles", 5):
            self.update("articles", [document_id], name=self.words(self.chance.choice([1, 4, 5, 6, 20, 60, 150, 700])))

    def price_articles(self):
        self.update("articles", self.pick("articles", 10), price=self.next())

    def empty_articles(self):
        self.update("articles", self.pick("articles", 3), name="")

    def delete_articles(self):
        self.delete("articles", self.pick("articles", 4))

    def transaction(self):
        """Two collections; one document is changed twice, another is inserted and deleted."""
        product, short = self.product(self.next()), self.product(self.next())
        article, again = self.article(f"a{self.next()}"), f"twice {self.next()}"
        gone = self.pick("products", 3)
        db = self.world.db
        with self.world.client.start_session() as session, session.start_transaction():
            db.products.insert_many([product, short], session=session)
            db.articles.insert_one(article, session=session)
            db.products.update_one({"_id": product["_id"]}, {"$set": {"name": again}}, session=session)
            db.products.delete_one({"_id": short["_id"]}, session=session)
            db.products.delete_many({"_id": {"$in": gone}}, session=session)
        self.model["products"][product["_id"]] = {**product, "name": again}
        self.model["articles"][article["_id"]] = dict(article)
        for document_id in gone:
            del self.model["products"][document_id]

    def drop_articles(self):
        self.world.db.articles.drop()
        self.model["articles"] = {}

    def drop_products(self):
        self.world.db.products.drop()
        self.model["products"] = {}

    def replace(self, name, documents):
        self.world.db.fresh.insert_many(documents)
        self.world.db.fresh.rename(name, dropTarget=True)
        self.reborn.update((name, d["_id"]) for d in documents)
        self.model[name] = {d["_id"]: dict(d) for d in documents}

    def replace_products(self):
        """Another collection takes the name; some of its ids were there before."""
        ids = self.pick("products", 40) + [self.next() for _ in range(20)]
        self.replace("products", [self.product(document_id) for document_id in ids])

    def replace_articles(self):
        ids = self.pick("articles", 10) + [f"a{self.next()}" for _ in range(5)]
        self.replace("articles", [self.article(document_id) for document_id in ids])

    def rename_away(self):
        if self.model["articles"]:
            self.world.db.articles.rename(f"away{self.next()}")
            self.model["articles"] = {}
