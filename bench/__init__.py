"""The benchmarks: each compares with a bare loop in the same run, because ratios outlive machines."""
