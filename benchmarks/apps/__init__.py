"""The programs that benchmarks/synth.py measures, each in a process of its own."""
