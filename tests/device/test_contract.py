"""The board contract on the board itself: an image with it is put beside the firmware, mounted at the prompt, run."""

import ast
from pathlib import Path

from pumpctl import updating
from pumpctl.firmware_image import FIRMWARE, build_image
from pumpctl.pico_files import PicoFiles
from tests import board_contract
from tests.device.conftest import MAY_MOVE, PORT, opened

HERE = Path(__file__).parent
IMAGE = "/contract.fw"
RUN = """
vfs.mount(Slot({path!r}), "/contract")
sys.path[:] = ["/contract", ".frozen"]
try:
    __import__("main")
finally:
    os.remove({path!r})
"""


def slot_source():
    """What the loader has for mounting an image: its imports and its class."""
    tree = ast.parse((FIRMWARE / "loader.py").read_text(encoding="utf-8"))
    kept = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef)]
    return ast.unparse(ast.Module(kept, [])) + "\nimport os\n"


def test_the_board_keeps_the_contract(pump, port):
    """With steps where the motor may turn: some 90, at 1,000 a second. The fastest ones are for an emulated Pico."""
    may_move = MAY_MOVE or not PORT
    pump.close()
    source = (HERE / "on_board.py").read_text().replace("MAY_MOVE = False", f"MAY_MOVE = {may_move}")
    source = source.replace("SPARES_MOTOR = True", f"SPARES_MOTOR = {bool(PORT)}")
    image = build_image({"main": source, "board_contract": Path(board_contract.__file__).read_text()})
    updating.hand_over(port, updating.look(port))
    with updating.prompt_of(port, updating.PROMPT_S) as repl:
        PicoFiles(repl).send(IMAGE, image.slot_file)
        names = repl.run(slot_source() + RUN.format(path=IMAGE))
        repl.reset()
    assert "storage" in names and ("counted_steps" in names) == may_move
    assert ("fastest_steps" in names) == (not PORT)
    with opened(port) as again:
        assert again.status().state == "stopped"
