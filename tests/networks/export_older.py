"""Writes the test programs of an older ExecuTorch: programs/exported_by_VERSION_NAME.pte.

The version is that of the executorch that Python finds, which the repository's own environment does
not have. In an environment of its own, with the torch that the repository pins:

    pip install --no-deps --target older executorch==1.4.1
    PYTHONPATH=older python tests/networks/export_older.py

Says beside each program whether it is the one that the pinned exporter writes, byte for byte.
"""

import importlib.metadata

import export


def export_older(version):
    for name in export.OLDER[version]:
        path = export.PROGRAMS / f"{export.older_program(version, name)}.pte"
        export.export_methods(name, export.default_methods(name), path)
        same = path.read_bytes() == (export.PROGRAMS / f"{name}.pte").read_bytes()
        print(f"{path.name}: {'the same as' if same else 'other bytes than'} {name}.pte")


def main():
    version = importlib.metadata.version("executorch")
    if version not in export.OLDER:
        raise SystemExit(f"[export] executorch {version} is none of {', '.join(export.OLDER)}")
    export.export_quickly()
    export_older(version)
    export.write_index()


if __name__ == "__main__":
    main()
