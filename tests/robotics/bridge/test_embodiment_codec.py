"""An embodiment travels as its text; its model is looked for on this machine only."""

import pytest
from contracts.fake_embodiment import FAKE_EMBODIMENT_FILE, fake_embodiment

from robotics.bridge.codec import MalformedMessageError
from robotics.bridge.embodiment_codec import (
    decode_description,
    decode_embodiment,
    encode_description,
    encode_embodiment,
)
from robotics.embodiment import load_embodiment_file
from robotics.embodiments import embodiment_names, load_embodiment
from robotics.errors import EmbodimentError
from robotics.session import RobotDescription
from robotics.task import TaskDescription


def test_an_unknown_embodiment_is_complete_but_for_its_model():
    back = decode_embodiment(encode_embodiment(fake_embodiment()))
    assert back == fake_embodiment()
    assert back.embodiment_hash == fake_embodiment().embodiment_hash
    assert back.interface_fingerprint == fake_embodiment().interface_fingerprint
    assert not back.model_path.exists()


@pytest.mark.parametrize("name", embodiment_names())
def test_a_built_in_embodiment_is_found_with_its_model(name: str):
    back = decode_embodiment(encode_embodiment(load_embodiment(name)))
    assert back == load_embodiment(name) and back.model_path.exists()


def test_an_embodiment_at_hand_is_used_where_its_hash_agrees():
    local = fake_embodiment()
    message = encode_embodiment(local)
    assert decode_embodiment(message, local) is local
    assert decode_embodiment(message, load_embodiment("aloha2")) == local


def test_a_text_that_is_not_the_hashed_one_is_malformed():
    message = encode_embodiment(fake_embodiment())
    message.toml += b"\n"
    with pytest.raises(MalformedMessageError, match="hash"):
        decode_embodiment(message)


def test_another_idea_of_the_interface_is_malformed():
    message = encode_embodiment(fake_embodiment())
    message.interface_fingerprint = "0" * 16
    with pytest.raises(MalformedMessageError, match="another version"):
        decode_embodiment(message)


def test_a_file_that_changed_since_it_was_loaded_is_not_sent(tmp_path):
    file = tmp_path / "my.toml"
    file.write_bytes(FAKE_EMBODIMENT_FILE.read_bytes())
    embodiment = load_embodiment_file(file)
    file.write_bytes(FAKE_EMBODIMENT_FILE.read_bytes() + b"\n")
    with pytest.raises(EmbodimentError, match="has changed"):
        encode_embodiment(embodiment)
    file.unlink()
    with pytest.raises(EmbodimentError, match="cannot be read"):
        encode_embodiment(embodiment)


def test_a_description_comes_back():
    tasks = (TaskDescription("stack", "stack blocks", ("a on b",), 30.0),)
    description = RobotDescription(fake_embodiment(), "clock", True, True, tasks, "1.2")
    assert decode_description(encode_description(description)) == description
