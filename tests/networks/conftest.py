"""Fixtures for the tests that set Sectile against ExecuTorch's own exporter and runtime."""

import os
import pathlib
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def quick_exports():
    import export

    export.export_quickly()


@pytest.fixture(scope="session")
def tool_path():
    tool = pathlib.Path(os.environ.get("SECTILE_CLI", REPOSITORY / "build/release/cli/sectile"))
    if not tool.exists():
        pytest.fail(f"no command-line tool at {tool}: build it, or name it in SECTILE_CLI")
    return tool


@pytest.fixture(scope="session")
def sectile(tool_path):
    """Runs the command-line tool; a run that fails shows what the tool said."""

    def run(*arguments):
        command = [str(tool_path), *map(str, arguments)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, f"{command} exited {result.returncode}:\n{result.stderr}"
        return result.stdout

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
