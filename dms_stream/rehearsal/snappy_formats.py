"""Both formats of Snappy that Firehose writes: blocks, each after its size.

snappy-java's stream begins with a header. Hadoop's has none, and tells each block's size before
compression, too.
"""

import struct
from collections.abc import Iterator
from typing import IO

from cramjam import snappy

# https://github.com/xerial/snappy-java/blob/master/src/main/java/org/xerial/snappy/SnappyCodec.java
JAVA_START = b"\x82SNAPPY\0"
JAVA_HEADER = JAVA_START + struct.pack(">II", 1, 1)


def snappy_blocks(file: IO[bytes]) -> Iterator[bytes]:
    """What an object in either format of Snappy holds, piece by piece."""
    is_java = file.read(len(JAVA_HEADER)).startswith(JAVA_START)
    if not is_java:
        file.seek(0)
    while sizes := file.read(4 if is_java else 8):
        (compressed_size,) = struct.unpack(">I", sizes[-4:])
        yield bytes(snappy.decompress_raw(file.read(compressed_size)))
