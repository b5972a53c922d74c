"""Install study into the environment whose Python runs this, with the build of torch that fits the machine.

usage: .venv/bin/python .ci/install.py ARGUMENT...    (as for pip install: a folder, a wheel, options)

On Linux the torch of PyPI is built for CUDA: with triton, cuda-toolkit and the nvidia packages that it needs it is a
download of 2.7 GB. Where no NVIDIA driver is found, PyTorch's own index of CPU builds is asked first: 0.2 GB. Where that
does not answer, pip looks where it is configured to. Only the standard library is needed here.
"""

import importlib.metadata
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
#: For the whole answer, the look-up of the name included: an index out of reach must not keep anybody waiting.
ANSWER_TIMEOUT_S = 5.0
CONSTRAINTS = Path(__file__).resolve().parent.parent / "constraints.txt"

Pip = Callable[[Sequence[str]], int]


def main(arguments: Sequence[str], *, index: str, pip: Pip) -> int:
    """Install; returns pip's exit code."""
    version = read_torch_version(CONSTRAINTS)
    if sys.platform != "linux" or is_installed(version):  # elsewhere PyPI's torch is no larger than it need be
        pass
    elif has_nvidia_driver():
        say("an NVIDIA driver is here: pip takes torch from where it is configured to, which is the CUDA build on PyPI")
    elif not offers_cpu_build(index, version):
        say(
            f"no NVIDIA driver is here, and PyTorch's CPU index does not offer torch {version} now: pip takes torch from"
        )
        say("where it is configured to; on PyPI that is the CUDA build, 2.7 GB to download instead of 0.2 GB")
    elif pip(["--no-deps", "--index-url", index, f"torch=={version}"]) == 0:
        say(f"no NVIDIA driver is here: torch {version} is the CPU build of PyTorch's index")
    else:
        say(f"PyTorch's CPU index gave no torch {version}: pip takes it from where it is configured to")
    return pip(["--constraint", str(CONSTRAINTS), *arguments])


def read_torch_version(constraints: Path) -> str:
    """Return the version of torch that is known to work."""
    match = re.search(r"^torch==(\S+)", constraints.read_text(), re.MULTILINE)
    assert match is not None, f"{constraints} pins no torch"
    return match[1]


def is_installed(version: str) -> bool:
    """Tell whether some build of this torch is there already."""
    with suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("torch").partition("+")[0] == version
    return False


def has_nvidia_driver() -> bool:
    """Tell whether a driver is loaded, or reached from within WSL."""
    if Path("/proc/driver/nvidia/version").exists():
        return True
    tool = shutil.which("nvidia-smi")
    return tool is not None and subprocess.run([tool, "-L"], capture_output=True, check=False).returncode == 0


def offers_cpu_build(index: str, version: str) -> bool:
    """Tell whether the index answers in time, and has a CPU build of this torch for this Python and machine."""
    pages: list[str] = []

    def ask() -> None:
        with suppress(OSError, ValueError):  # no network, no such name, refused, no text
            request = urllib.request.Request(f"{index}/torch/")
            # As pip is told, where a company's own authority signs.
            context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
            with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT_S, context=context) as answer:
                pages.append(answer.read().decode())

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(ANSWER_TIMEOUT_S)
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    wheel = (
        rf"torch-{re.escape(version)}(\+|%2B)cpu-{python}-{python}-[a-z0-9_]*linux[a-z0-9_]*_{platform.machine()}\.whl"
    )
    return any(re.search(wheel, page) for page in pages)


def say(text: str) -> None:
    """Tell what is chosen and why."""
    print(f"torch: {text}", flush=True)


def run_pip(arguments: Sequence[str]) -> int:
    """Run `pip install` in this environment."""
    return subprocess.run([sys.executable, "-m", "pip", "install", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], index=CPU_INDEX, pip=run_pip))
