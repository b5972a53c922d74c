"""What `make demo` and `make test` set up: the build of torch that fits, and programs for the tests where they may."""

import http.server
import importlib.util
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.programs import count_missing
from tests.support.study import REPOSITORY

WHEEL = f"torch-{{version}}%2Bcpu-cp3{sys.version_info.minor}-cp3{sys.version_info.minor}-manylinux_2_28_{os.uname().machine}.whl"
PINS = ["--constraint", str(REPOSITORY / "constraints.txt")]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", REPOSITORY / ".ci" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, on a Linux machine without a driver and with no torch in the environment."""
    module = _load()
    monkeypatch.setattr(sys, "platform", "linux")
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(module, "has_nvidia_driver", lambda: False)
    monkeypatch.setattr(module, "is_installed", lambda version: False)
    return module


@pytest.fixture
def version(install: ModuleType) -> str:
    """The torch that is pinned."""
    found = install.read_torch_version(REPOSITORY / "constraints.txt")
    assert isinstance(found, str)
    return found


@pytest.fixture
def serve() -> Iterator[object]:
    """Serve a page as an index would; `serve(page, status)` returns its address."""
    servers = []

    def start(page: str, status: int = 200) -> str:
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *arguments: object) -> None:
                pass

        asked: list[str] = []
        server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


class Pip:
    """Takes down what pip is asked to install."""

    def __init__(self, *codes: int) -> None:
        self.calls: list[list[str]] = []
        self._codes = list(codes)

    def __call__(self, arguments: Sequence[str]) -> int:
        self.calls.append(list(arguments))
        return self._codes.pop(0) if self._codes else 0


def test_without_a_driver_torch_comes_from_the_cpu_index_and_nothing_else_does(install, version, serve, capsys) -> None:
    index, pip = serve(f'<a href="/whl/cpu/{WHEEL.format(version=version)}">torch</a>'), Pip()
    assert install.main(["--quiet", "."], index=index, pip=pip) == 0
    assert pip.calls == [["--no-deps", "--index-url", index, f"torch=={version}"], [*PINS, "--quiet", "."]]
    assert (
        capsys.readouterr().out
        == f"torch: no NVIDIA driver is here: torch {version} is the CPU build of PyTorch's index\n"
    )


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("", 200),
        ("", 403),
        ("{wheel}", 404),
        ("torch-0.1%2Bcpu-cp311-cp311-linux_x86_64.whl", 200),
        ("torch-{version}%2Bcpu-cp39-cp39-manylinux_2_28_{machine}.whl", 200),
        ("torch-{version}%2Bcpu-{python}-{python}-manylinux_2_28_riscv64.whl", 200),
        ("torch-{version}%2Bcpu-{python}-{python}-win_amd64.whl", 200),
        ("torch-{version}%2Bcu130-{python}-{python}-manylinux_2_28_{machine}.whl", 200),
    ],
)
def test_index_without_a_build_for_this_machine_is_left_and_pip_looks_where_it_is_configured_to(
    install, version, serve, capsys, page: str, status: int
) -> None:
    python = f"cp3{sys.version_info.minor}"
    wheel = WHEEL.format(version=version)
    text = page.format(version=version, python=python, machine=os.uname().machine, wheel=wheel)
    pip = Pip()
    assert install.main(["."], index=serve(text, status), pip=pip) == 0
    assert pip.calls == [[*PINS, "."]]
    assert "2.7 GB to download instead of 0.2 GB" in capsys.readouterr().out


def test_index_that_never_answers_keeps_nobody_waiting(install, version, monkeypatch) -> None:
    monkeypatch.setattr(install, "ANSWER_TIMEOUT_S", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        pip = Pip()
        assert install.main(["."], index=f"http://127.0.0.1:{silent.getsockname()[1]}", pip=pip) == 0
    assert pip.calls == [[*PINS, "."]]


def test_look_up_of_a_name_that_hangs_keeps_nobody_waiting(install, monkeypatch) -> None:
    monkeypatch.setattr(install, "ANSWER_TIMEOUT_S", 0.2)
    go_on = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **how: go_on.wait(60) and [])
    try:
        assert not install.offers_cpu_build("https://index.invalid/whl/cpu", "2.0")
    finally:
        go_on.set()


def test_wheel_that_cannot_be_fetched_after_all_is_taken_from_where_pip_is_configured_to(
    install, version, serve, capsys
) -> None:
    index, pip = serve(WHEEL.format(version=version)), Pip(1, 0)
    assert install.main(["."], index=index, pip=pip) == 0
    assert len(pip.calls) == 2
    assert "gave no torch" in capsys.readouterr().out


def test_with_a_driver_the_cpu_index_is_not_asked(install, version, monkeypatch, capsys) -> None:
    monkeypatch.setattr(install, "has_nvidia_driver", lambda: True)
    monkeypatch.setattr(install, "offers_cpu_build", lambda index, version: pytest.fail("it was asked"))
    pip = Pip()
    assert install.main(["."], index="unused", pip=pip) == 0
    assert pip.calls == [[*PINS, "."]]
    assert "CUDA build" in capsys.readouterr().out


@pytest.mark.parametrize(("code", "found"), [(0, True), (9, False)])
def test_driver_is_there_if_its_own_tool_finds_a_device(monkeypatch, tmp_path: Path, code: int, found: bool) -> None:
    if Path("/proc/driver/nvidia/version").exists():
        pytest.skip("this machine has a driver")
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f'#!/bin/sh\n[ "$1" = -L ] && exit {code}\nexit 1\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert _load().has_nvidia_driver() is found


def test_torch_that_is_there_already_is_kept(install, monkeypatch) -> None:
    monkeypatch.setattr(install, "is_installed", lambda version: True)
    pip = Pip(3)
    assert install.main(["."], index="unused", pip=pip) == 3
    assert pip.calls == [[*PINS, "."]]


# ---- programs for the tests -------------------------------------------------------------------------------------


def _bring(tmp_path: Path, *there: str, uid: int = 0, apt: str | None = "exit 0") -> tuple[int, str, list[str]]:
    """Run the script where only some programs are there; returns its exit code, what it prints, and apt-get's calls."""
    folder = tmp_path / "bin"
    folder.mkdir()
    calls = tmp_path / "calls"
    calls.touch()
    programs = dict.fromkeys(there, "exit 0") | {"id": f"echo {uid}", "timeout": 'shift; exec "$@"'}
    if apt is not None:
        programs["apt-get"] = f'echo "$DEBIAN_FRONTEND $*" >> {calls}\n{apt}'
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    done = subprocess.run(
        ["/bin/bash", str(REPOSITORY / ".ci" / "bring_tools")],
        env={"PATH": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout, calls.read_text().splitlines()


def test_programs_that_are_there_are_not_installed(tmp_path: Path) -> None:
    assert _bring(tmp_path, "chromium", "zsh", "fish") == (0, "", [])


def test_missing_programs_are_installed_by_root_with_apt(tmp_path: Path) -> None:
    code, said, calls = _bring(tmp_path, "fish")
    assert (code, said) == (0, "installing chromium fonts-dejavu-core zsh for the tests\n")
    options = "noninteractive -qq -o DPkg::Lock::Timeout=60"
    install = "install -y --no-install-recommends"
    assert calls == [
        f"{options} {what}"
        for what in ("update", f"{install} chromium", f"{install} fonts-dejavu-core", f"{install} zsh")
    ]


@pytest.mark.parametrize(("uid", "apt"), [(1000, "exit 0"), (0, None)], ids=["ordinary user", "no apt"])
def test_who_may_not_install_is_left_in_peace(tmp_path: Path, uid: int, apt: str | None) -> None:
    assert _bring(tmp_path, uid=uid, apt=apt) == (0, "", [])


def test_program_that_cannot_be_installed_is_no_error(tmp_path: Path) -> None:
    code, said, _ = _bring(tmp_path, "chromium", "zsh", apt="exit 100")
    assert (code, said.splitlines()[-1]) == (0, "apt-get could not install fish; the tests that need it are skipped")


def test_tests_that_were_skipped_for_want_of_a_program_are_counted_in_a_line_for_each(tmp_path: Path) -> None:
    suite = tmp_path / "test_wanting.py"
    suite.write_text(
        "import pytest\n\nfrom tests.conftest import pytest_terminal_summary\nfrom tests.support.programs import need_program\n\n\n"
        "@pytest.mark.parametrize('number', range(3))\ndef test_a(number):\n    need_program('no-such-shell')\n\n\n"
        "def test_b():\n    need_program('no-such-browser')\n\n\ndef test_c():\n    pytest.skip('for another reason')\n"
    )
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_terminal_summary\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(suite)],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert [line for line in done.stdout.splitlines() if line.startswith("NOT TESTED")] == [
        "NOT TESTED without no-such-browser: 1 test (apt-get install no-such-browser)",
        "NOT TESTED without no-such-shell: 3 tests (apt-get install no-such-shell)",
    ]


def test_run_with_every_program_has_nothing_to_count() -> None:
    assert count_missing(["Skipped: only root can mount"]) == []
