"""All benchmarks, each budget as a ratio beside its target: `make bench`."""

import os
import sys

from bench import assessing, check, issuing, verifying

if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    met = [part.main() for part in (check, verifying, issuing, assessing)]
    print("all budgets met" if all(met) else "some budgets are missed")
