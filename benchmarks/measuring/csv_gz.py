"""The first night from CSV.gz, against decompressing and splitting into fields alone."""

import gzip
import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

from . import deliveries, floors, nights
from .bench import THREADS
from .taken import Taken

LEVEL = 6
CHUNK = 1 << 20


def measure(bench, people, rounds):
    delivery = compressed(bench, people)
    model = nights.trained(bench, people)
    taken = Taken(bench, people)
    # Without checksums: of a compressed delivery the floor is what any reader of it must do.
    floor = floors.Floor(taken, "csv floor", "needed", [delivery])
    floor.take()
    for _ in range(rounds):
        folder = nights.service(bench.scratch(people) / "csv-service", model)
        taken.take("csv first", lambda: nights.night(bench, people, folder, delivery, deliveries.FULL_DAY, "csv first"))
        floor.take()
        shutil.rmtree(folder)
    floor.tell()
    taken.tell("csv first", "csv floor")


def compressed(bench, people):
    """The full delivery as CSV, every file compressed, under a manifest that says so."""
    delivery = deliveries.full(bench, people, "csv")
    manifest = deliveries.manifest(delivery)
    plain = [file for file in manifest["files"] if not file["file"].endswith(".gz")]
    if plain:
        print(f"compressing {len(plain)} files", flush=True)
        with ThreadPoolExecutor(THREADS) as pool:
            digests = list(pool.map(lambda file: compress(delivery / file["file"]), plain))
        for file, digest in zip(plain, digests):
            file["file"] += ".gz"
            file["sha256"] = digest
        (delivery / "manifest.json").write_text(json.dumps(manifest, indent=2))
        for file in plain:
            (delivery / file["file"].removesuffix(".gz")).unlink()
    return delivery


def compress(path):
    """Writes PATH.gz and gives its SHA-256; the plain file stays until the manifest has changed."""
    packed = path.with_name(path.name + ".gz")
    with open(path, "rb") as plain, open(packed, "wb") as raw, gzip.GzipFile("", "wb", LEVEL, raw, mtime=0) as out:
        shutil.copyfileobj(plain, out, CHUNK)
    with open(packed, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
