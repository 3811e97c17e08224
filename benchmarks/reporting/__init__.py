"""From results to docs/benchmarks.md and docs/accuracy.md: what `report.py` writes, one module each."""
