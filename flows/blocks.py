"""Read a secret that the Prefect server keeps in a block; the way ``secret: prefect:NAME`` of a source takes.

A source names the block alone. This is an entry point of ``aimline.secrets``, so that the rooms below need no prefect.
"""

from aimline.errors import SourcePermanentError


def secret_in(block: str) -> str:
    """Return the value of a secret block of the server that is at hand.

    Raises:
        SourcePermanentError: No server answers, or it keeps no such block.
    """
    from flows import _server

    server = _server.living()
    if server is None:
        raise SourcePermanentError(
            "no Prefect server is there to ask for a secret.",
            remedy="Start one with aimline serve, or name the secret by env: or file:.",
            code="auth_failed",
        )
    _server.use(server)
    from prefect.blocks.system import Secret

    try:
        found = Secret.load(block)
        assert isinstance(found, Secret)  # noqa: S101 - only inside a running loop it would be a promise of one
        return str(found.get())
    except ValueError:
        raise SourcePermanentError(
            f"the Prefect server keeps no secret block '{block}'.",
            remedy="Make it in the server's own pages, or name the secret by env: or file:.",
            code="auth_failed",
        ) from None
