"""Prove an exercise: its checks reject the stub and every mistake, and accept every right answer."""

from .findings import Report
from .run import Manner, Proofs

__all__ = ["Manner", "Proofs", "Report"]
