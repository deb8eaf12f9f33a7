"""Replies against recorded ones: what must differ between two servers is masked, all else is compared, tokens byte by byte."""

import re

from bson import ObjectId
from bson.timestamp import Timestamp

# Fields whose values belong to one server and one moment.
MASKED = {
    "operationTime", "$clusterTime", "clusterTime", "opTime", "ts", "date", "localTime", "lastWrite", "uptime",
    "hosts", "primary", "me", "electionId", "connectionId", "lsid", "uuid", "sizeOnDisk", "totalSize", "term",
    "wiredTiger", "indexDetails", "conversationId", "payload",
    "lastStableRecoveryTimestamp", "lastStableCheckpointTimestamp", "electionTime",
}  # fmt: skip


def masked_token(data):
    """time and uuid go, the rest stays"""
    data = re.sub(r"^82[0-9A-F]{16}", "82<time>", data)
    data = re.sub(r"5A1004[0-9A-F]{32}", "5A1004<uuid>", data)
    return re.sub(r"645F69640064[0-9A-F]{24}", "645F69640064<oid>", data)


def masked_text(text):
    text = re.sub(r", \$clusterTime: \{.*?keyId: \S+ \} \}", "", text)  # a driver sends it, the player here does not
    text = re.sub(r"\b82[0-9A-F]{14,}\b", "<token>", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "<host>", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>", text)
    text = re.sub(r"Timestamp\(\d+, \d+\)", "<time>", text)
    text = re.sub(r"\b\d{9,}\b", "<number>", text)
    text = re.sub(r"BinData\(0, [0-9A-F]{40}\)", "<hash>", text)
    return re.sub(r"tmp\.agg_out\.\d+", "tmp.agg_out.*", text)


def masked(value, key=None):
    if key in MASKED or (key == "t" and isinstance(value, int)):  # an election's term
        return "*"
    if key in ("cursorsKilled", "cursorsNotFound"):
        return len(value)
    if isinstance(value, dict):
        return {k: masked(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [masked(v) for v in value]
    if key == "_data":
        return masked_token(value)
    if key == "id" and isinstance(value, int):
        return bool(value)
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, ObjectId):
        return str(value) if str(value).startswith("0000") else "<oid>"
    if hasattr(value, "isoformat") and value.year > 2024:
        return "<now>"
    return value


def difference(there, here, path=""):
    if type(there) is not type(here):
        return f"{path}: {str(there)[:200]!r} recorded, {str(here)[:200]!r} here"
    if isinstance(there, dict):
        for key in list(there) + [k for k in here if k not in there]:
            if key not in there or key not in here:
                return f"{path}.{key}: only {'recorded' if key in there else 'here'}"
            if found := difference(there[key], here[key], f"{path}.{key}"):
                return found
    elif isinstance(there, list):
        for i, (a, b) in enumerate(zip(there, here)):
            if found := difference(a, b, f"{path}[{i}]"):
                return found
        if len(there) != len(here):
            return f"{path}: {len(there)} items recorded, {len(here)} here"
    elif there != here:
        return f"{path}: {there!r} recorded, {here!r} here"
    return None


class Names:
    """What the recording called something, and what it is called here: tokens, cursors. Learned from pairs of replies."""

    def __init__(self):
        self.tokens, self.cursors = {}, {}

    def learn(self, there, here):
        if isinstance(there, dict) and isinstance(here, dict):
            for key, value in there.items():
                if key == "_data" and isinstance(value, str) and isinstance(here.get(key), str):
                    self.tokens[value] = here[key]
                elif key == "id" and isinstance(value, int) and isinstance(here.get(key), int):
                    self.cursors[value] = here[key]
                else:
                    self.learn(value, here.get(key))
        elif isinstance(there, list) and isinstance(here, list):
            for a, b in zip(there, here):
                self.learn(a, b)

    def token(self, data):
        if data in self.tokens:
            return self.tokens[data]
        if isinstance(data, str) and data + "04" in self.tokens:  # one that was cut short on purpose
            return self.tokens[data + "04"][:-2]
        return data

    def translate(self, value, mark, key=None):
        """the command as it has to be sent here; `mark` stands for times that the player took"""
        if isinstance(value, dict):
            return {k: self.translate(v, mark, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.translate(v, mark, key) for v in value]
        if key == "_data":
            return self.token(value)
        if key in ("startAtOperationTime", "afterClusterTime", "atClusterTime") and isinstance(value, Timestamp):
            return value if value.time in (1, 4000000000) else mark
        if key in ("getMore", "cursors") and value in self.cursors:
            return type(value)(self.cursors[value])
        return value
