"""The register of cases."""

CASES = []


class Case:
    def __init__(self, name, body, everywhere, options, embedder):
        self.name, self.body, self.everywhere, self.options, self.embedder = name, body, everywhere, options, embedder


def case(name, everywhere=False, options=(), embedder="service"):
    """`everywhere`: on Qdrant's engine and on given servers too; else only with the development servers."""

    def register(body):
        CASES.append(Case(name, body, everywhere, options, embedder))
        return body

    return register
