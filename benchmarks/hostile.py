#!/usr/bin/env python3
"""Deliveries made to do harm: each must be refused within ten seconds and 500 MB.

    benchmarks/hostile.py EARLYCALL

EARLYCALL is the program, built for release. A small synthetic delivery is spoiled in one way after the other, and checked;
a table says how long each refusal took, how much memory, and in which words. Exits with 1 when one is not refused, or not
within the limits.
"""

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring.child import Failed, measure

SECONDS_MAX = 10
BYTES_MAX = 500_000_000
REFUSED = 11
MIB = 1 << 20
HEADER = b"person_id,death_date,source,underlying_cause\n"


def gzip_bomb(delivery):
    """4 GiB in some megabytes: members of a mebibyte, all alike, under a checksum that is right."""
    row = b"%s,2020-10-01,ons,J440\n" % (b"0" * 64)
    member = gzip.compress(row * (MIB // len(row)), mtime=0)
    replace(delivery, "deaths.csv.gz", [gzip.compress(HEADER, mtime=0)] + [member] * 4096)


def gzip_bomb_in_one_piece(delivery):
    """The same as one member that never ends."""
    packed = Path(delivery, "deaths.csv.gz")
    row = b"%s,2020-10-01,ons,J440\n" % (b"0" * 64)
    with gzip.GzipFile(packed, "wb", 1, mtime=0) as file:
        file.write(HEADER)
        for _ in range(4096):
            file.write(row * (MIB // len(row)))
    replace(delivery, packed.name)


def million_columns(delivery):
    replace(delivery, "deaths.csv", [HEADER.rstrip(b"\n")] + [b",x" * 1000] * 1000 + [b"\n"])


def cell_of_100_mb(delivery):
    replace(delivery, "deaths.csv", [HEADER, b"0" * 64, b",2020-10-01,"] + [b"x" * MIB] * 100 + [b",\n"])


def quote_that_is_never_closed(delivery):
    replace(delivery, "deaths.csv", [HEADER, b"0" * 64, b',2020-10-01,"'] + [b"\n" * MIB] * 100)


def parquet_footer_of_4_gb(delivery):
    replace(delivery, "deaths.parquet", [b"PAR1", b"\0" * 64, b"\xff\xff\xff\xff", b"PAR1"])


def path_outside(delivery):
    """`../` in the manifest, where a file indeed lies."""
    shutil.copy(delivery / "deaths.csv", delivery.parent / "deaths.csv")
    edit(delivery, lambda line: line.update(file="../deaths.csv"))


def link_to_a_file_outside(delivery):
    link(delivery, "/etc/passwd")


def link_to_a_device(delivery):
    link(delivery, "/dev/zero")


def link_to_a_folder(delivery):
    """A folder in which the file lies that the manifest names."""
    elsewhere = delivery.parent.parent / "elsewhere"
    elsewhere.mkdir()
    (delivery / "deaths.csv").rename(elsewhere / "deaths.csv")
    os.symlink(elsewhere, delivery / "deaths")
    edit(delivery, lambda line: line.update(file="deaths/deaths.csv"))


def pipe(delivery):
    (delivery / "deaths.csv").unlink()
    os.mkfifo(delivery / "deaths.csv")


CASES = [
    ("gzip bomb of 4 GiB, many members", gzip_bomb),
    ("gzip bomb of 4 GiB, one member", gzip_bomb_in_one_piece),
    ("a million columns", million_columns),
    ("a cell of 100 MB", cell_of_100_mb),
    ("a quote that is never closed", quote_that_is_never_closed),
    ("a Parquet footer of 4 GB", parquet_footer_of_4_gb),
    ("`../` in the manifest", path_outside),
    ("a link to a file elsewhere", link_to_a_file_outside),
    ("a link to a device", link_to_a_device),
    ("a link to a folder elsewhere", link_to_a_folder),
    ("a pipe", pipe),
]


def replace(delivery, name, pieces=None):
    """Puts a file in the place of deaths.csv, of these pieces where it is not there yet, and tells the manifest."""
    (delivery / "deaths.csv").unlink()
    if pieces is not None:
        with open(delivery / name, "wb") as file:
            file.writelines(pieces)
    with open(delivery / name, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    edit(delivery, lambda line: line.update(file=name, sha256=digest, row_count=50_000_000))


def link(delivery, target):
    (delivery / "deaths.csv").unlink()
    os.symlink(target, delivery / "deaths.csv")


def edit(delivery, change):
    """Changes the manifest's line of deaths."""
    path = delivery / "manifest.json"
    manifest = json.loads(path.read_text())
    change(next(file for file in manifest["files"] if file["table"] == "deaths"))
    path.write_text(json.dumps(manifest))


def check(earlycall, sound, spoil, scratch):
    """Spoils a copy of the sound delivery and checks it: what that took, and the words of the refusal."""
    shutil.rmtree(scratch, ignore_errors=True)
    delivery = scratch / "extracts" / "delivery"
    shutil.copytree(sound, delivery)
    spoil(delivery)
    config = scratch / "earlycall.toml"
    config.write_text('[profile]\nkind = "research"\n')
    used = measure([earlycall, "check", "--quiet", "--config", config], scratch / "said", ends_with=REFUSED)
    said = (scratch / "said.err").read_text().strip().splitlines()[-1]
    return used, said.removeprefix("earlycall: ").split("; hint: ")[0].split(" (")[0]


def made(earlycall, folder):
    """A sound delivery, with deaths in a file of plain text."""
    synth = [earlycall, "synth", "--people", "200", "--years", "1", "--seed", "1", "--out", folder, "--quiet"]
    subprocess.run(synth, check=True, stdout=subprocess.DEVNULL)
    (manifest,) = folder.rglob("manifest.json")
    if not (manifest.parent / "deaths.csv").exists():
        sys.exit("the synthetic delivery has no deaths.csv to spoil")
    return manifest.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("earlycall", type=Path)
    earlycall = parser.parse_args().earlycall.resolve()
    failed = []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        sound = made(earlycall, scratch / "synth")
        print(f"{'delivery':<36}{'seconds':>8}{'MB':>7}  refused")
        for name, spoil in CASES:
            try:
                used, words = check(earlycall, sound, spoil, scratch / "service")
            except Failed as failure:
                failed.append(f"{name}: {failure}")
                continue
            seconds, peak = used["wall_seconds"], used["peak_memory_bytes"]
            print(f"{name:<36}{seconds:>8.2f}{peak / 1e6:>7.0f}  {words}", flush=True)
            if seconds > SECONDS_MAX or peak > BYTES_MAX:
                failed.append(f"{name}: not within {SECONDS_MAX} s and {BYTES_MAX / 1e6:.0f} MB")
    sys.exit("\n".join(failed) or 0)


if __name__ == "__main__":
    main()
