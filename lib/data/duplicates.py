"""Images that are nearly the same: one photograph twice, made smaller, or compressed again.

By the distance of perceptual hashes, which does not see size, compression or light.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

# Bits that differ, of 256, at most between copies. Measured: 30 for the photograph that cars40 has
# twice, in two crops, at most 16 for copies of half the size or compressed to 30 %; 58 for the
# nearest different photographs, 40 for the nearest drawings.
FARTHEST = 36
MOST_PAIRS = 1000
BLOCK = 1024  # hashes compared at a time with all others


def near_duplicates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of rows of `Cars.frame` whose images are nearly the same.

    Columns: file, split and class_name of both, with the suffixes _1 and _2, and distance, in
    bits. Those of two classes come first, then those that training and test share; at most
    `MOST_PAIRS`.
    """
    pairs = _pairs(_bits(frame["hash"]))
    named = frame[["file", "split", "class_name"]]
    sides = [
        named.iloc[rows].reset_index(drop=True).add_suffix(f"_{side}")
        for side, rows in enumerate(pairs.T[:2], 1)
    ]
    found = pd.concat(sides, axis=1).assign(distance=pairs[:, 2])
    order = np.lexsort([found["distance"], ~between_parts(found), ~in_two_classes(found)])
    return found.iloc[order].reset_index(drop=True)


def nearest(frame: pd.DataFrame) -> float:
    """Return how many bits differ between the two images most alike; infinity for one image."""
    return float(min(distance.min() for _, distance in _distances(_bits(frame["hash"]))))


def in_two_classes(pairs: pd.DataFrame) -> pd.Series:
    """Whether both images of each pair have different classes: one of them at least is wrong."""
    return pairs["class_name_1"] != pairs["class_name_2"]


def between_parts(pairs: pd.DataFrame) -> pd.Series:
    """Whether one image of each pair is a test image and the other is not."""
    return (pairs["split_1"] == "test") != (pairs["split_2"] == "test")


def _bits(hashes: pd.Series) -> np.ndarray:
    """Return the bits of hexadecimal hashes, as -1 and 1: float32 (N, bits)."""
    digits = np.array([list(bytes.fromhex(text)) for text in hashes], dtype=np.uint8)
    return np.unpackbits(digits, axis=1).astype(np.float32) * 2 - 1


def _distances(bits: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the first row of each block, and its distances to all images after each row's own.

    Each pair comes once: the others are infinite.
    """
    for start in range(0, len(bits), BLOCK):
        distance = (bits.shape[1] - bits[start : start + BLOCK] @ bits.T) / 2
        distance[np.tri(*distance.shape, k=start, dtype=bool)] = np.inf
        yield start, distance


def _pairs(bits: np.ndarray) -> np.ndarray:
    """Return (first, second, distance) of the pairs at most `FARTHEST` apart: int (P, 3)."""
    found = [np.empty((0, 3), dtype=int)]
    for start, distance in _distances(bits):
        near = np.argwhere(distance <= FARTHEST)
        found.append(
            np.column_stack([near + np.array([start, 0]), distance[tuple(near.T)]]).astype(int)
        )
        if sum(map(len, found)) >= MOST_PAIRS:
            break
    return np.concatenate(found)[:MOST_PAIRS]
