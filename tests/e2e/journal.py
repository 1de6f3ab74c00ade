#!/usr/bin/env python3
"""Writes a journal: journal.py <file>, with a JSON object a line on stdin.

Each line gets "v", "seq", its place among them, and the checksum journals have:
CRC-32C of what stands before it.
"""
import json
import os
import sys

TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
with open(sys.argv[1], "wb") as out:
    lines = filter(str.strip, sys.stdin)
    for seq, text in enumerate(lines, 1):
        line = {"v": 1, "seq": seq, **json.loads(text)}
        data = json.dumps(line, separators=(",", ":")).encode()[:-1]
        out.write(data + b',"crc":"%08x"}\n' % crc32c(data))
