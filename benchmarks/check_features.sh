#!/usr/bin/env bash
# The independent check: on synthetic extracts, and on extracts shaken beyond what life brings, every standing and every
# feature must equal what DuckDB and polars compute from the same files. Exits with 1 at the first difference.
#
#   benchmarks/check_features.sh [--short] [SEED ...]
#
# --short, for every change: fewer people, fewer years, one day per delivery. Needs Python with benchmarks/requirements.txt (EARLYCALL_PYTHON, default python3), and builds what it runs.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python="${EARLYCALL_PYTHON:-python3}"
built="${CARGO_TARGET_DIR:-target}/release"
first=2026-06-01
last=2026-11-20
size=(--people 3000 --years 4)
plain_days=("$last" 2026-08-15)
shaken_days=("${plain_days[@]}")
feeds=(gp_appointments outpatient_appointments waiting_list_entries community_contacts home_care_visits
  social_prescribing_referrals virtual_ward_stays remote_monitoring telecare_events mental_health_contacts)
if [ "${1:-}" = --short ]; then
  shift
  size=(--people 1000 --years 2)
  plain_days=("$last")
  shaken_days=(2026-08-15)
fi
seeds=("$@")
[ "${#seeds[@]}" -gt 0 ] || seeds=(1 2)
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

cargo build --quiet --release --workspace --examples --bins
"$built/examples/features_sql" json >"$scratch/catalogue.json"

# deliver SEED DIR: a full delivery and a delta, half a year later.
deliver() {
  local people=("${size[@]}" --feeds telling --seed "$1" --last-day "$last" --format parquet --quiet)
  "$built/earlycall" synth "${people[@]}" --until "$first" --out "$scratch/full"
  "$built/earlycall" synth "${people[@]}" --delta-from "$first" --until "$last" --out "$scratch/delta"
  mkdir "$2"
  mv "$scratch"/full/*/ "$scratch"/delta/*/ "$2"
  rm -rf "$scratch/full" "$scratch/delta"
}

# check EXTRACTS DAY: ours against both peers.
check() {
  local here="$scratch/check"
  rm -rf "$here"
  mkdir "$here"
  # Shaken rows name any hospital, and not the one whose file they are in, and their results have any unit; the delta
  # follows half a year later. Of so few people hardly anybody reads at home.
  printf '[feeds.%s]\nlegal_basis = "a test of synthetic data"\n' "${feeds[@]}" >"$here/earlycall.toml"
  printf '[profile]\nkind = "research"\n[extracts]\nfolder = "%s"\n[rules.V01]\nmisplaced_share = 1.0\n[rules.SPOILT]\nrefused_share = 1.0\n[rules.AHEAD]\ndays = 200\n[rules.V33]\nrefuse_times = 50\n' "$1" >>"$here/earlycall.toml"
  local objections=("$1"/*-full/opt_outs.parquet "$1"/*-delta/opt_outs.parquet)
  "$built/examples/features" --config "$here/earlycall.toml" --index-date "$2" --out "$here/ours.parquet"
  "$built/examples/features_sql" sql --index-date "$2" >"$here/features.sql"
  local given=(--extracts "$1" --catalogue "$scratch/catalogue.json" --quarantine "$here/state/history/current/quality")
  "$python" benchmarks/peers/duckdb_features.py "${given[@]}" --sql "$here/features.sql" --out "$here/duckdb.parquet" 2>"$here/log" || { cat "$here/log"; return 1; }
  "$python" benchmarks/compare.py "$here/ours.parquet" "$here/duckdb.parquet" --objections "${objections[@]}"
  "$python" benchmarks/peers/polars_features.py "${given[@]}" --index-date "$2" --out "$here/polars.parquet" 2>"$here/log" || { cat "$here/log"; return 1; }
  "$python" benchmarks/compare.py "$here/ours.parquet" "$here/polars.parquet" --objections "${objections[@]}"
}

for seed in "${seeds[@]}"; do
  deliver "$seed" "$scratch/plain"
  "$python" benchmarks/shake.py "$scratch/plain" "$scratch/shaken" --seed "$seed"
  for day in "${plain_days[@]}"; do
    echo "seed $seed, $day"
    check "$scratch/plain" "$day"
  done
  for day in "${shaken_days[@]}"; do
    echo "seed $seed, $day, shaken"
    check "$scratch/shaken" "$day"
  done
  rm -rf "$scratch/plain" "$scratch/shaken"
done
