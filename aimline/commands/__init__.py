"""The steps of the engine's verbs, one module a part; parsing belongs to ``aimline.cli``, work to the rooms."""
