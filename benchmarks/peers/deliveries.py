"""Where the files of a table are: deliveries in order of extraction, by their manifests.

Both layouts are read alike, one file per table or a folder of files per table, for the manifest names every file.
"""

import csv
import datetime
import json
from collections import defaultdict
from pathlib import Path
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Delivery:
    """One delivery: when it was taken, and the files of each table."""

    def __init__(self, folder):
        manifest = json.loads((folder / "manifest.json").read_text())
        moment = datetime.datetime.fromisoformat(manifest["extracted_at"].replace("Z", "+00:00"))
        self.extracted_at = moment
        self.extracted_on = moment.astimezone(LONDON).date()
        self.is_full = manifest["delivery"] == "full"
        self.files = defaultdict(list)
        for file in manifest["files"]:
            is_history = file.get("history", manifest.get("history", False))
            self.files[file["table"]].append((str(folder / file["file"]), is_history))


def find(folder):
    """The deliveries of a folder, or the one that it is, by the moment of their extraction."""
    folder = Path(folder)
    if (folder / "manifest.json").exists():
        return [Delivery(folder)]
    folders = sorted(path.parent for path in folder.glob("*/manifest.json"))
    return sorted(map(Delivery, folders), key=lambda delivery: delivery.extracted_at)


def split(deliveries, table):
    """The newest full delivery of a table, and the deliveries after it."""
    sent = [delivery for delivery in deliveries if delivery.files[table]]
    full = [n for n, delivery in enumerate(sent) if delivery.is_full]
    if not full:
        return None, sent
    return sent[full[-1]], sent[full[-1] + 1 :]


def rejected_rows(folder):
    """Per file name the numbers of the rows, from 1, that the checks have rejected: quarantine files of a night."""
    rejected = defaultdict(set)
    for path in Path(folder).glob("**/*.csv") if folder else []:
        with open(path, newline="") as lines:
            for row in csv.DictReader(lines):
                rejected[row["file"]].add(int(row["row"]))
    return rejected
