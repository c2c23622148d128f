"""Measures synth; see docs/benchmarks.md."""
