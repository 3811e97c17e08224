#!/usr/bin/env python3
"""Counts the instructions of the feature and scoring kernels under callgrind, and holds them against instructions.toml.

    benchmarks/instructions.py BUILT [--bless]

BUILT holds the compiled examples (target/release/examples). Exits with 1 when a kernel takes more than 5% more than the
committed figure. One that takes more than 5% less is said too, so that the figure is renewed: --bless writes the counts
found. Unlike seconds, instructions hardly depend on what else the machine does. Needs valgrind and Python 3.11.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FIGURES = Path(__file__).with_name("instructions.toml")
TOLERANCE = 0.05


def count(kernel: dict, built: Path) -> int:
    """Instructions of a kernel, or of the function that `only` names and of what it calls."""
    program, *words = kernel["command"].split()
    only = [f"--toggle-collect={kernel['only']}"] if "only" in kernel else []
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *only]
    run = subprocess.run([*valgrind, str(built / program), *words], capture_output=True, text=True)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or collected is None:
        sys.exit(f"{kernel['command']} does not run under callgrind:\n{run.stderr}")
    return int(collected[1])


def judge(name: str, committed: int, found: int) -> bool:
    """Says how a count compares; whether it may stand."""
    change = found / committed - 1 if committed else float("inf")
    verdict = "ok"
    if change > TOLERANCE:
        verdict = "TOO MANY; make it cheaper, or renew the figure with --bless and say why"
    elif change < -TOLERANCE:
        verdict = "fewer: renew the figure with --bless"
    print(f"{name:<10}{found:>15,} instructions, {change:+.1%} against {committed:,}: {verdict}", flush=True)
    return change <= TOLERANCE


def bless(text: str, counts: dict[str, int]) -> str:
    """The file with the counts found, and the compiler they were found with."""
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    text = re.sub(r'^rustc = ".*"$', f'rustc = "{rustc}"', text, flags=re.M)
    for name, found in counts.items():
        text = re.sub(rf"(^\[{name}\]$.*?^count = )\d[\d_]*$", rf"\g<1>{found:_}", text, flags=re.M | re.S)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description="Counts instructions of the kernels.")
    parser.add_argument("built", type=Path)
    parser.add_argument("--bless", action="store_true", help="write the counts found")
    arguments = parser.parse_args()
    text = FIGURES.read_text(encoding="utf-8")
    kernels = {name: kernel for name, kernel in tomllib.loads(text).items() if isinstance(kernel, dict)}
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(kernels, pool.map(lambda kernel: count(kernel, arguments.built), kernels.values())))
    may_stand = [judge(name, kernels[name]["count"], found[name]) for name in kernels]
    if arguments.bless:
        FIGURES.write_text(bless(text, found), encoding="utf-8")
    elif not all(may_stand):
        sys.exit(1)


if __name__ == "__main__":
    main()
