"""Fixtures for the tests that set Sectile against ExecuTorch's own exporter and runtime."""

import os
import pathlib
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).parent))


def pytest_addoption(parser):
    parser.addoption("--all-sizes", action="store_true", help="export each network at all sizes")


@pytest.fixture(scope="session")
def all_sizes(request):
    return request.config.getoption("--all-sizes", default=False)


@pytest.fixture(scope="session", autouse=True)
def quick_exports():
    import export

    export.export_quickly()


@pytest.fixture(scope="session")
def tool():
    """Runs the command-line tool; the exit code, what it wrote to stdout and to stderr."""
    path = pathlib.Path(os.environ.get("SECTILE_CLI", REPOSITORY / "build/release/cli/sectile"))
    if not path.exists():
        pytest.fail(f"no command-line tool at {path}: build it, or name it in SECTILE_CLI")

    def run(*arguments):
        command = [str(path), *map(str, arguments)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return result.returncode, result.stdout, result.stderr

    return run


@pytest.fixture(scope="session")
def sectile(tool):
    """The same for a run that has to succeed; one that fails shows what the tool said."""

    def run(*arguments):
        code, written, said = tool(*arguments)
        assert code == 0, f"sectile {arguments} exited {code}:\n{said}"
        return written

    return run


@pytest.fixture(scope="session")
def models():
    """The demo networks of models/: name -> a function that loads it with its committed weights."""
    import torch

    # By path: models/networks.py has the same module name as the networks of these tests.
    namespace = {"__name__": "models_networks"}
    source = REPOSITORY / "models/networks.py"
    exec(compile(source.read_text(), str(source), "exec"), namespace)

    def load(name):
        network = namespace["NETWORKS"][name]()
        weights = REPOSITORY / "models/weights" / f"{name}.pt"
        network.load_state_dict(torch.load(weights, weights_only=True))
        return network.eval()

    return load
