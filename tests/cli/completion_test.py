"""Completion of shells and man pages: what is installed has every option that --help has."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import BUILD

COMMANDS = ["inspect", "plan", "run", "verify", "build", "bench"]


def execute(*words, **options):
    command = [str(word) for word in words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def share(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prefix")
    execute("cmake", "--install", BUILD, "--prefix", folder, "--component", "help")
    return folder / "share"


def options_of(tool, *command):
    """All names that --help shows, and the fixed words of those that have some."""
    names, words = set(), {}
    for line in tool.ok(*command, "--help").splitlines():
        if found := re.match(r"  (-\S+)( [a-z0-9]+(?:\|[a-z0-9]+)*(?= |$))?", line):
            names |= set(found[1].split(","))
            if found[2]:
                words[found[1].split(",")[-1]] = found[2].strip().split("|")
    return names, words


def complete(share, *words, folder=None):
    """What bash offers for the last of the words; = is a word of its own, as bash has it."""
    script = share / "bash-completion" / "completions" / "sectile"
    quoted = " ".join(f"'{word}'" for word in words)
    code = (
        f"source '{script}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
        'COMPREPLY=(); _sectile; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    offered = execute("bash", "--norc", "-u", "-c", code, cwd=folder).split("\n")
    return sorted(word for word in offered if word)


def test_bash_offers_commands_and_options(tool, share):
    assert complete(share, "sectile", "") == sorted(COMMANDS)
    assert complete(share, "sectile", "ver") == ["verify"]
    assert complete(share, "sectile", "-") == ["--help", "--version", "-h"]
    for command in COMMANDS:
        names, _ = options_of(tool, command)
        assert len(names) > 3
        assert set(complete(share, "sectile", command, "-")) == names
        assert set(complete(share, "sectile", command, "model.pte", "a.png", "-")) == names
    assert complete(share, "sectile", "run", "--mem") == ["--memory"]


def test_bash_offers_values(tool, share, tmp_path):
    (tmp_path / "a file.png").write_text("")
    (tmp_path / "a folder").mkdir()
    for command in COMMANDS:
        for option, words in options_of(tool, command)[1].items():
            assert complete(share, "sectile", command, option, "") == sorted(words)
            assert complete(share, "sectile", command, option, "=") == sorted(words)
            assert words[0] in complete(share, "sectile", command, option, "=", words[0][0])
    both = ["a file.png", "a folder"]
    run = ("sectile", "run", "m.pte")
    assert complete(share, *run, "--mode", "st", folder=tmp_path) == ["stream"]
    assert complete(share, *run, "", folder=tmp_path) == both
    assert complete(share, *run, "--overwrite", "a f", folder=tmp_path) == both
    assert complete(share, *run, "--report", "", folder=tmp_path) == both
    assert complete(share, *run, "--report", "=", "a fi", folder=tmp_path) == ["a file.png"]
    assert complete(share, *run, "--output-dir", "", folder=tmp_path) == ["a folder"]
    assert complete(share, *run, "--memory", "", folder=tmp_path) == []
    assert complete(share, "sectile", "build", "m.pte", "-o", "", folder=tmp_path) == both


def test_fish(tool, share, tmp_path):
    script = share / "fish" / "vendor_completions.d" / "sectile.fish"
    text = script.read_text()
    for command in COMMANDS:
        assert f"-f -a {command} " in text
        for name in options_of(tool, command)[0]:
            mark = f" -l {name[2:]} " if name.startswith("--") else f" -s {name[1:]} "
            lines = [line for line in text.splitlines() if f"_from {command}'" in line]
            assert any(mark in line for line in lines), (command, name)
    if not shutil.which("fish"):
        return
    environment = {**os.environ, "HOME": str(tmp_path)}

    def offered(line):
        code = f"source '{script}'; complete -C '{line}'"
        text = execute("fish", "--no-config", "-c", code, env=environment, cwd=tmp_path)
        return sorted(line.split("\t")[0] for line in text.splitlines())

    assert offered("sectile ") == sorted(COMMANDS)
    assert offered("sectile run --mode ") == ["auto", "stream", "tile", "whole"]
    assert "--skip-existing" in offered("sectile run --")
    assert "--skip-existing" not in offered("sectile plan --")


def test_zsh(tool, share):
    script = share / "zsh" / "site-functions" / "_sectile"
    text = script.read_text()
    assert text.startswith("#compdef sectile\n")
    for command in COMMANDS:
        part = text.split(f"\n    {command}) ")[1].split(";;")[0]
        names, words = options_of(tool, command)
        for name in names:
            assert re.search(rf"'\*?{name}[=+]?\[", part), (command, name)
        for name, choices in words.items():
            assert re.search(rf"'{name}=\[.*:\({' '.join(choices)}\)'", part)
    if shutil.which("zsh"):
        execute("zsh", "-n", script)


def shown(page):
    """A man page as text, hyphens as they are typed."""
    text = execute("man", "-E", "ascii", "-l", page, env={**os.environ, "MANWIDTH": "1000"})
    return re.sub(r".\x08", "", text)


def pages(share):
    return sorted((share / "man" / "man1").iterdir())


def test_man_pages_are_there(tool, share):
    expected = ["sectile.1", *(f"sectile-{command}.1" for command in COMMANDS)]
    assert [page.name for page in pages(share)] == sorted(expected)
    for page in pages(share):
        text = page.read_text()
        command = page.stem.removeprefix("sectile").removeprefix("-")
        for name in options_of(tool, *([command] if command else []))[0]:
            escaped = name.replace("-", "\\-")
            assert f"\\fB{escaped}\\fR" in text, (page.name, name)
        for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"):
            assert f".SH {section}\n" in text, (page.name, section)
        assert text.isascii() and page.name.removesuffix(".1") in text
    main = (share / "man" / "man1" / "sectile.1").read_text()
    assert all(f"sectile\\-{command}\\fR(1)" in main for command in COMMANDS)


def test_man_pages_have_no_warnings(tool, share):
    """By man where there is one, else every line is text or a macro that man pages know."""
    macros = {".TH", ".SH", ".TP", ".PP", ".B", ".nf", ".fi"}
    for page in pages(share):
        for line in page.read_text().splitlines():
            assert line.split(" ")[0] in macros if line[:1] in (".", "'") else line, page
        if not shutil.which("man"):
            continue
        done = subprocess.run(
            ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("man"), reason="there is no man")
def test_man_pages_say_what_help_says(tool, share):
    text = shown(share / "man" / "man1" / "sectile-run.1")
    for line in tool.ok("run", "--help").split("\nExamples:\n")[1].splitlines()[:4]:
        assert line.strip() in text
    assert "Ctrl-C stops within one tile" in text
    assert "--mode auto|whole|tile|stream" in text


def test_the_command_is_hidden(tool, tmp_path):
    assert "generate" not in tool.ok("--help")
    assert "generate" not in tool.fails(code=2)
    assert Path(BUILD / "help" / "sectile.bash").is_file()
    assert "no such folder" in tool.fails("generate", tmp_path / "none")
