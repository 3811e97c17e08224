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
        self.folder = folder
        self.files = defaultdict(list)
        self.rejected = {}
        for file in manifest["files"]:
            is_history = file.get("history", manifest.get("history", False))
            self.files[file["table"]].append((str(folder / file["file"]), is_history))


def find(folder, quarantine=None):
    """The deliveries of a folder, or the one that it is, by the moment of their extraction.

    `quarantine` has a folder 000001, 000002, ... per delivery in that order, with the rows that the checks rejected.
    """
    folder = Path(folder)
    is_one = (folder / "manifest.json").exists()
    folders = [folder] if is_one else sorted(path.parent for path in folder.glob("*/manifest.json"))
    found = sorted(map(Delivery, folders), key=lambda delivery: delivery.extracted_at)
    for number, delivery in enumerate(found, 1):
        if quarantine:
            delivery.rejected = rejected_rows(Path(quarantine) / f"{number:06}", delivery.folder)
    return found


def split(deliveries, table):
    """The newest full delivery of a table, and the deliveries after it."""
    sent = [delivery for delivery in deliveries if delivery.files[table]]
    full = [n for n, delivery in enumerate(sent) if delivery.is_full]
    if not full:
        return None, sent
    return sent[full[-1]], sent[full[-1] + 1 :]


def rejected_rows(quarantine, folder):
    """Per file of a delivery the numbers of the rows, from 1, that the checks have rejected. Files are named with the
    folder of their delivery."""
    rejected = defaultdict(set)
    for path in quarantine.glob("*.csv"):
        with open(path, newline="") as lines:
            for row in csv.DictReader(lines):
                rejected[str(folder.parent / row["file"])].add(int(row["row"]))
    return rejected
