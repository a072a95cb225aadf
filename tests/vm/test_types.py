"""Sameness, part three: numbers, bytes, structs, hashes, exceptions and plans print the same on both interpreters."""

from tests.vm import microvm, type_probe


def test_what_the_firmware_leans_on_prints_the_same(tmp_path, capsys):
    type_probe.step()
    cpython = capsys.readouterr().out.splitlines()

    micropython = microvm.run(tmp_path, microvm.HERE / "type_probe.py").splitlines()

    assert len(cpython) > 500
    for here, there in zip(cpython, micropython, strict=True):
        assert there == here
