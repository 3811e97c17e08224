"""From results to docs/benchmarks.md: what `report.py` writes, one module each."""
