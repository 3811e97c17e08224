"""The stages of the benchmark: what `run.py` measures, one module each."""
