"""The packages that this Debian knows, as documents: `debian.py [LIMIT]` prints them as lines of JSON.

Names, sections, sizes and dependencies come from `apt-cache dumpavail`; long descriptions from Debian's translation files, which
small installations leave out: then they are fetched into a folder of our own, and the system's lists stay as they are.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

HELPER = "/usr/lib/apt/apt-helper"


def stanzas(lines):
    """Debian's control format: dictionaries of fields; continued lines keep their newline and lose their indent."""
    fields, name = {}, None
    for line in lines:
        line = line.rstrip("\n")
        if not line:
            if fields:
                yield fields
            fields, name = {}, None
        elif line[0] in " \t":
            if name:
                fields[name] += "\n" + line[1:]
        else:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    if fields:
        yield fields


def output(*command):
    """The lines that a command prints; its failure is an OSError."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace") as process:
        yield from process.stdout
    if process.returncode:
        raise OSError(f"{' '.join(command)} ended with {process.returncode}")


def translation_files(options):
    targets = output(
        "apt-get", *options, "indextargets", "--format", "$(FILENAME)", "Created-By: Translations", "Language: en"
    )
    return [name for name in map(str.strip, targets) if name]


def own_lists(folder):
    """apt's options for lists in a folder of ours, filled when they are not there yet. No rights are needed."""
    folder = pathlib.Path(folder).resolve()
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    user = "root" if os.geteuid() == 0 else ""
    places = {"Dir::State": folder, "Dir::State::lists": folder / "lists", "Dir::Cache": folder / "cache"}
    options = [f"-o{name}={value}" for name, value in places.items()]
    options += ["-oAcquire::Languages=en", f"-oAPT::Sandbox::User={user}", "-oDir::State::status=/var/lib/dpkg/status"]
    if not translation_files(options):
        subprocess.run(["apt-get", "-q", *options, "update"], check=True, stdout=subprocess.DEVNULL, timeout=300)
    return options


def long_descriptions(options):
    """Description by the sum that the package's record bears."""
    found = {}
    for name in translation_files(options):
        for fields in stanzas(output(HELPER, "cat-file", name)):
            text = fields.get("Description-en")
            if text and "Description-md5" in fields:
                _, _, body = text.partition("\n")
                found[fields["Description-md5"]] = re.sub(r"(?m)^ ?\.$", "", body).strip()
    return found


def names(relation):
    """`a (>= 1) | b, c` -> [a, b, c]"""
    return [part.split()[0].split(":")[0] for part in re.split(r"[,|]", relation) if part.strip()]


def document(fields, descriptions):
    summary, _, body = fields.get("Description", fields.get("Description-en", "")).partition("\n")
    out = {
        "_id": fields["Package"],
        "name": fields["Package"],
        "version": fields["Version"],
        "section": fields.get("Section", "unknown"),
        "priority": fields.get("Priority", "optional"),
        "maintainer": fields.get("Maintainer", ""),
        "installed_size": int(fields.get("Installed-Size", 0)),
        "download_size": int(fields.get("Size", 0)),
        "depends": names(fields.get("Depends", "")),
        "tags": [tag.strip() for tag in fields.get("Tag", "").split(",") if tag.strip()],
        "summary": summary,
        "description": descriptions.get(fields.get("Description-md5", ""), body),
        "revision": 0,
    }
    if "Homepage" in fields:
        out["homepage"] = fields["Homepage"]
    return out


def spread(items, limit):
    """`limit` of them, evenly: the first ones would all begin with the same letters."""
    if not limit or limit >= len(items):
        return items
    return [items[at * len(items) // limit] for at in range(limit)]


def packages(folder, limit=None):
    """(documents, with how many long descriptions). One document a name; of several versions the first."""
    options, descriptions = [], {}
    try:
        if not translation_files(options):
            options = own_lists(folder)
        descriptions = long_descriptions(options)
    except (OSError, subprocess.SubprocessError) as problem:
        print(f"  no long descriptions: {problem}", file=sys.stderr)
        options = []
    known = {}
    for fields in stanzas(output("apt-cache", *options, "dumpavail")):
        if "Package" in fields and "Version" in fields and fields["Package"] not in known:
            known[fields["Package"]] = document(fields, descriptions)
    documents = spread(list(known.values()), limit)
    return documents, sum(1 for one in documents if one["description"])


if __name__ == "__main__":
    for one in packages("build/quickstart/apt", int(sys.argv[1]) if len(sys.argv) > 1 else None)[0]:
        print(json.dumps(one, ensure_ascii=False))
