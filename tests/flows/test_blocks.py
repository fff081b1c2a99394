"""Secrets that the Prefect server keeps: a source names the block, the value goes to the connector alone."""

import pytest
from prefect.blocks.system import Secret

from aimline.errors import SourcePermanentError
from aimline.sources.secrets import secret_of
from flows import _server
from flows._server import Server


@pytest.fixture
def at_hand(prefect_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Let the server of the test run be the one that lives."""
    monkeypatch.setattr(_server, "living", lambda: prefect_server)
    monkeypatch.setattr(_server, "use", lambda _server: None)
    return prefect_server


@pytest.mark.server
@pytest.mark.usefixtures("at_hand")
def test_secret_is_found_in_its_block() -> None:
    """A block's value is the secret; a block nobody made is told by its name."""
    Secret(value="key:word\n").save("sis-key", overwrite=True)
    assert secret_of("prefect:sis-key") == "key:word"
    with pytest.raises(SourcePermanentError, match="no secret block 'other-key'"):
        secret_of("prefect:other-key")


def test_without_a_server_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block needs a server; what to do instead is said."""
    monkeypatch.setattr(_server, "living", lambda: None)
    with pytest.raises(SourcePermanentError, match="no Prefect server"):
        secret_of("prefect:sis-key")
