"""Prove an exercise: its checks reject the stub and every mistake, and accept every right answer."""

from .findings import Report
from .run import ProofOptions, Proofs

__all__ = ["ProofOptions", "Proofs", "Report"]
