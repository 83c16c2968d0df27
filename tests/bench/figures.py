"""Figures of several rounds."""

from collections.abc import Sequence
from statistics import median


def best_and_median(values: Sequence[float], unit: str, *, more_is_better: bool = False) -> str:
    best = max(values) if more_is_better else min(values)
    return f"best {best:,.2f} {unit}, median {median(values):,.2f} {unit} of {len(values)}"


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
