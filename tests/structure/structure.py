"""The rules that the source tree keeps, as data, and the check that reads them.

Which folder may include which, which library stays behind which folder, how long files may get.
docs/how-it-works.md draws the same arrows. `violations(root)` lists what breaks a rule, one
sentence each.
"""

import re
from pathlib import Path

# Folder of src/ -> the folders it may include. An arrow carries those behind it: graph sees base,
# so program does too.
ARROWS = {
    "base": [],
    "graph": ["base"],
    "program": ["graph"],
    "footprint": ["graph"],
    "cost": ["graph"],
    "image": ["base"],
    "runtime": ["base"],
    "model": ["program", "footprint", "cost"],
    "transform": ["graph", "footprint"],
    "plan": ["model", "cost", "transform", "image"],
    "run": ["plan", "runtime"],
    "session": ["run"],
    # The functions of the public headers, a few lines each.
    "api": ["session"],
}

# Folder of src/ -> the public headers that it, and the folders that see it, may include.
PUBLIC_HEADERS = {
    "base": ["geometry.h", "host.h", "result.h", "version.h"],
    "graph": ["footprint.h"],
    "model": ["model.h"],
    "image": ["image.h", "image_files.h", "mask.h", "metadata.h", "page_file.h"],
    "plan": ["options.h", "output.h", "plan.h", "planned.h"],
    "run": ["run.h"],
    "api": ["sectile.h", "build.h"],
}

# Library -> its headers, and the only folders that may include them.
LIBRARIES = {
    "ExecuTorch": (r"(executorch|c10|torch)/", ["src/runtime"]),
    "FlatBuffers": (
        r"flatbuffers/|(program|scalar_type|runtime_schema)_generated\.h$",
        ["src/program", "src/graph/operators"],
    ),
    "GDAL": (r"(gdal|ogr|cpl)_?\w*\.h$", ["src/image"]),
    "fmt": (r"fmt/", ["src", "cli"]),
    "CLI11": (r"CLI/", ["cli"]),
    "nlohmann-json": (r"nlohmann/", ["cli"]),
}

# What is left of <...> has to look like the standard library, POSIX or glibc.
SYSTEM_HEADER = re.compile(
    r"[a-z_0-9]+|(sys|linux|netinet|arpa)/\w+\.h|"
    r"(fcntl|unistd|pthread|sched|poll|dirent|cxxabi|signal|malloc)\.h"
)

MAX_FILE_LINES = 450
MAX_HEADER_LINES = 150
MAX_COLUMNS = 100  # of C++ files

CPP_FOLDERS = ["include", "src", "cli", "examples", "tests", "bench"]
OTHER_FOLDERS = ["models", "scripts", "cmake", ".ci"]
CPP_SUFFIXES = {".h", ".cpp"}
OTHER_SUFFIXES = {".py", ".sh", ".cmake", ".txt"}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:<([^>]+)>|"([^"]+)")')


def reachable(folder):
    """The folder itself and all that its arrows lead to."""
    seen = set()
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += ARROWS[current]
    return seen


def area_of(path):
    """src/graph/operators/pool.cpp -> src/graph; cli/run.cpp -> cli."""
    return "/".join(path.parts[:2]) if path.parts[0] == "src" else path.parts[0]


def library_violation(folder, header):
    """What is wrong with including a header that is not ours; None when nothing is."""
    for library, (pattern, homes) in LIBRARIES.items():
        if re.match(pattern, header):
            at_home = any(folder == home or folder.startswith(home + "/") for home in homes)
            return None if at_home else f"{library} belongs to {' and '.join(homes)} alone"
    return None if SYSTEM_HEADER.fullmatch(header) else "unknown library"


def public_header_violation(area, header):
    if not area.startswith("src/"):
        return None  # the public headers are for everybody
    allowed = {
        name
        for folder in reachable(area.removeprefix("src/"))
        for name in PUBLIC_HEADERS.get(folder, [])
    }
    return None if header in allowed else "this public header is above that folder"


def own_header_violation(area, folder):
    if not area.startswith("src/"):
        return f"{area} sees the public headers only"
    if folder not in ARROWS:
        return f"src/{folder} has no row in the table of arrows"
    if folder not in reachable(area.removeprefix("src/")):
        return f"no arrow leads from {area} to src/{folder}"
    return None


def include_violation(folder, area, header, quoted):
    parts = header.split("/")
    if parts[0] == "sectile" and len(parts) == 2:
        return public_header_violation(area, parts[1])
    if parts[0] == "src" and len(parts) > 2:
        return own_header_violation(area, parts[1])
    if parts[0] == "cli" and len(parts) > 1:
        return None if area == "cli" else "only cli/ includes cli/"
    if quoted and not header.endswith("_generated.h"):
        return "own headers are included by their full path from the root"
    return library_violation(folder, header)


def include_violations(path, lines):
    area = area_of(path)
    if area.startswith("src/") and area.removeprefix("src/") not in ARROWS:
        yield f"{path}: {area} has no row in the table of arrows"
        return
    for number, line in enumerate(lines, 1):
        if found := INCLUDE.match(line):
            header = found[1] or found[2]
            folder = path.parent.as_posix()
            if why := include_violation(folder, area, header, quoted=found[1] is None):
                yield f"{path}:{number}: includes {header}: {why}"


def shape_violations(path, lines):
    limit = MAX_HEADER_LINES if path.suffix == ".h" else MAX_FILE_LINES
    if len(lines) > limit:
        yield f"{path}: {len(lines)} lines, more than {limit}"
    for number, line in enumerate(lines, 1):
        if not line.isascii():
            yield f"{path}:{number}: not ASCII"
        if path.suffix in CPP_SUFFIXES and len(line) > MAX_COLUMNS:
            yield f"{path}:{number}: {len(line)} columns, more than {MAX_COLUMNS}"


def source_files(root):
    for folder in CPP_FOLDERS + OTHER_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in CPP_SUFFIXES | OTHER_SUFFIXES and path.is_file():
                yield path.relative_to(root)


def violations(root):
    found = []
    for path in source_files(Path(root)):
        lines = (Path(root) / path).read_text(encoding="utf-8").splitlines()
        found += shape_violations(path, lines)
        if path.parts[0] in ("include", "src", "cli", "examples") and path.suffix in CPP_SUFFIXES:
            found += include_violations(path, lines)
    return found
