"""Prints, as JSON, which of the pinned packages are not here in their versions. Needs nothing but Python itself."""

import json
import sys
from importlib import metadata
from pathlib import Path

LEAST = (3, 11)


def main() -> None:
    missing, other = [], []
    if sys.version_info < LEAST:
        missing.append(f"Python {LEAST[0]}.{LEAST[1]} (this is {sys.version.split()[0]})")
    for line in (Path(__file__).parent / "requirements-export.txt").read_text().split():
        name, wanted = line.split("==")
        try:
            # A build's own mark, as in 2.15.0+cpu, is no other version.
            found = metadata.version(name).split("+")[0]
        except metadata.PackageNotFoundError:
            missing.append(line)
            continue
        if found != wanted:
            other.append(f"{line} (there is {found})")
    print(json.dumps({"missing": missing, "other": other}))


if __name__ == "__main__":
    main()
