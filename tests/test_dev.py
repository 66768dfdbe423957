"""dev.py: what it sees missing, what it says, what it does not do twice. Nothing is installed here."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "dev.py"


def load() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("dev", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script in an empty checkout, its commands recorded and never run."""
    module = load()
    for name in (module.TO_RUN, module.TO_DEVELOP):
        (tmp_path / name).write_text("one==1\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "python")
    commands: list[list[str]] = []
    monkeypatch.setattr(module, "commands", commands, raising=False)
    monkeypatch.setattr(module, "call", lambda *words, **_: commands.append([str(word) for word in words]))
    monkeypatch.setattr(module, "is_present", lambda part: True)
    monkeypatch.setattr(module, "has_pip", module.PYTHON.exists)
    monkeypatch.setattr(module.venv, "create", lambda folder, **_: folder.mkdir() or module.PYTHON.touch())
    return module


def test_installs_once_and_again_with_new_pins(dev: ModuleType) -> None:
    dev.prepare(dev.TO_RUN)
    dev.prepare(dev.TO_RUN)
    assert len(dev.commands) == 1
    (dev.ROOT / dev.TO_RUN).write_text("one==2\n")
    dev.prepare(dev.TO_RUN)
    assert len(dev.commands) == 2
    assert all(command[-1].endswith("requirements.txt") for command in dev.commands)


def test_what_develops_also_runs(dev: ModuleType) -> None:
    dev.prepare(dev.TO_DEVELOP)
    dev.prepare(dev.TO_RUN)
    assert len(dev.commands) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="system packages are a matter for Linux only")
@pytest.mark.parametrize(("is_root", "has_sudo"), [(True, False), (False, True), (False, False)])
def test_missing_system_packages(
    dev: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_root: bool,
    has_sudo: bool,
) -> None:
    answers = iter([False, True])  # missing at first, there once installed
    monkeypatch.setattr(dev, "is_present", lambda part: next(answers))
    monkeypatch.setattr(dev.shutil, "which", lambda program: f"/bin/{program}")
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0 if is_root else 1000)
    monkeypatch.setattr(dev, "succeeds", lambda *words: has_sudo)
    if is_root or has_sudo:
        dev.see_to_system({"libegl1": "libEGL.so.1"})
        assert [command[0] for command in dev.commands] == ["apt-get" if is_root else "sudo"] * 2
        assert dev.commands[-1][-1] == "libegl1"
    else:
        with pytest.raises(SystemExit) as end:
            dev.see_to_system({"libegl1": "libEGL.so.1"})
        assert end.value.code == 2
        assert "  sudo apt-get install libegl1\n" in capsys.readouterr().err
        assert not dev.commands


@pytest.mark.skipif(sys.platform != "linux", reason="system packages are a matter for Linux only")
def test_all_that_is_missing_stands_in_one_line(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "is_present", lambda part: False)
    monkeypatch.setattr(dev.shutil, "which", lambda program: f"/bin/{program}")
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(dev, "succeeds", lambda *words: False)
    with pytest.raises(SystemExit):
        dev.test([])
    line = capsys.readouterr().err.splitlines()[-1].split()
    assert {"libegl1", "fonts-dejavu-core", f"{dev.THIS_PYTHON}-venv"} <= set(line)


def test_demo_writes_where_it_is_told(dev: ModuleType) -> None:
    dev.demo([])
    dev.demo(["--out=elsewhere", "--full"])
    demos = [command[2:] for command in dev.commands if "demo" in command]
    assert demos == [["demo", "--out", str(dev.ROOT / "out" / "demo")], ["demo", "--out=elsewhere", "--full"]]


def test_slow_tests_run_only_when_asked(dev: ModuleType) -> None:
    dev.test(["-k", "moments"])
    assert dev.commands[-1][-4:] == ["-m", "not slow", "-k", "moments"]
    dev.test(["--slow"])
    assert "not slow" not in dev.commands[-1]
    assert "--slow" not in dev.commands[-1]


@pytest.mark.parametrize(("words", "status"), [([], 2), (["tset"], 2), (["--help"], 0)])
def test_an_unknown_command_gets_the_list(words: list[str], status: int) -> None:
    done = subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True)
    assert done.returncode == status
    assert "dev.py demo" in (done.stderr if status else done.stdout)


def test_the_status_of_a_failing_command_is_passed_on() -> None:
    module = load()
    module.call(sys.executable, "-c", "")
    with pytest.raises(SystemExit) as end:
        module.call(sys.executable, "-c", "raise SystemExit(3)")
    assert end.value.code == 3


def test_what_is_there_is_found() -> None:
    module = load()
    assert module.is_present("json")
    assert not module.is_present("no_such_module")
    assert not module.is_present("libno-such-library.so.1")
