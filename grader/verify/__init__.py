"""Prove an exercise: its checks reject the stub and every mistake, and accept every right answer."""

from .findings import ProofReport
from .run import ProofOptions, Proofs

__all__ = ["ProofOptions", "ProofReport", "Proofs"]
