"""The fixtures of checks.py without judge, worker or sandbox: plain pytest on the same checks.

This is what the benchmarks compare `study grade` with, and nothing else: the learner's code runs in the
judging process here, so a verdict from it is worth nothing. STUDY_PLAIN_EXERCISE is the exercise folder,
STUDY_PLAIN_SUBMISSION the file to grade.
"""

import copy
import importlib.util
import os
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

from grader.corpus import corpus_settings, resolve_corpus
from grader.testing import LearnerRaised

torch.set_num_threads(1)
EXERCISE = Path(os.environ["STUDY_PLAIN_EXERCISE"])


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PlainSubmission:
    """The submission's names, called directly."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._module, name)
        if isinstance(target, type) or not callable(target):
            return target
        return lambda *args, **kwargs: self.call(name, *args, kwargs=kwargs).value

    def call(
        self,
        name: str,
        *args: Any,
        kwargs: dict[str, Any] | None = None,
        want: tuple[str, ...] = (),
        cotangent: Any = None,
    ) -> SimpleNamespace:
        if cotangent is not None or set(want) - {"args"}:
            raise NotImplementedError("plain pytest has only the value, the arguments and the time")
        args, kwargs = copy.deepcopy((args, kwargs or {}))
        started = time.perf_counter()
        try:
            value = getattr(self._module, name)(*args, **kwargs)
        except Exception as error:
            raise LearnerRaised(tuple(c.__name__ for c in type(error).__mro__), str(error)) from error
        elapsed_s = time.perf_counter() - started
        return SimpleNamespace(value=value, args=args, kwargs=kwargs, elapsed_s=elapsed_s, charged_s=elapsed_s)


@pytest.fixture(scope="session")
def submission() -> PlainSubmission:
    return PlainSubmission(load(Path(os.environ["STUDY_PLAIN_SUBMISSION"]), "submission"))


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    return load(EXERCISE / "solution.py", "reference")


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("STUDY_PLAIN_SEED", "1"))


@pytest.fixture
def rng(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def device() -> str:
    return "cpu"


@pytest.fixture(scope="session")
def corpus() -> Any:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "study"
    return resolve_corpus(corpus_settings(os.environ, None, cache), report=print)


@pytest.fixture
def thresholds(corpus: Any) -> dict[str, float]:
    import yaml

    stated = yaml.safe_load((EXERCISE / "exercise.yaml").read_text()).get("thresholds", {})
    return {name: by_corpus[corpus.name] for name, by_corpus in stated.items()}


@pytest.fixture(scope="session")
def carry() -> dict[str, Any]:
    return {}
