"""What the embedding service was asked for, life by life: a life shows its number as the service's key.

A text that Qdrant held with all of its document when a life began, and that was wanted until the life ended, is not
embedded in between. So what is embedded again was in flight at a kill. Within one life no text is embedded twice, but
where answers get lost, or collections die and history is lost: what was in flight then is planned anew.

Nothing is said of documents that were deleted and inserted again: the events before the deletion are looked up, find what
was inserted after it, and bring that; then the deletion is replayed, then the insertion.
"""

import collections


class Spent:
    def __init__(self, service):
        self.service = service
        self.lives = 0
        self.held = set()
        self.problems = []

    def begin(self):
        """The key of a new life."""
        self.lives += 1
        return f"life-{self.lives}"

    def of(self, life):
        return self.service.texts_of(f"life-{life}")

    def end(self, held, wanted, upheaval):
        """Texts that Qdrant holds of whole documents, and those that it should hold; called when the life is over or at rest."""
        times = collections.Counter(self.of(self.lives))
        again = times.keys() & self.held & wanted
        if again:
            self.problems.append(f"life {self.lives} embeds {len(again)} texts that Qdrant held: {sorted(again)[:3]}")
        twice = {text for text, count in times.items() if count > 1} & wanted
        if twice and not upheaval:
            self.problems.append(f"life {self.lives} embeds {len(twice)} texts more than once: {sorted(twice)[:3]}")
        self.held = held

    def figures(self):
        """(texts embedded, those that were embedded before)"""
        every = [text for life in range(1, self.lives + 1) for text in self.of(life)]
        return len(every), len(every) - len(set(every))
