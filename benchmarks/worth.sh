#!/usr/bin/env bash
# What home care, readings and alarms at home are worth where they tell of admissions, and where they tell nothing: few
# people have them, so it takes a large population to say. Some half an hour, 8 GB of memory, 10 GB of disk.
#
#   benchmarks/worth.sh [PEOPLE] [FOLDER]
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

people="${1:-1200000}"
folder="${2:-$(mktemp -d)}"
earlycall="${CARGO_TARGET_DIR:-target}/release/earlycall"
cargo build --quiet --release --workspace
for kind in telling idle; do
  here="$folder/$kind"
  mkdir -p "$here"
  printf '[profile]\nkind = "research"\n' >"$here/earlycall.toml"
  for feed in home_care_visits remote_monitoring telecare_events; do
    printf '[feeds.%s]\nlegal_basis = "synthetic"\n' "$feed" >>"$here/earlycall.toml"
  done
  "$earlycall" synth --people "$people" --years 3 --seed 5 --feeds "$kind" --format parquet --out "$here/extracts" --quiet
  echo "$kind:"
  "$earlycall" --config "$here/earlycall.toml" --quiet worth --index-date 2025-11-20 --index-date 2026-03-20 --out "$here/worth"
done
