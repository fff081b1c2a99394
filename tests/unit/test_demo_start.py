"""How a demo begins: what runs beside the making of the history."""

import pytest

from flows import _demo


@pytest.mark.parametrize("is_there", [False, True])
def test_dbt_compiles_beside_the_history_where_it_has_not(monkeypatch: pytest.MonkeyPatch, *, is_there: bool) -> None:
    """A fresh clone compiles while vendors' files are read; where the plan is kept, nothing is started."""
    seen: list[str] = []
    monkeypatch.setattr(_demo, "is_compiled", lambda: is_there)
    monkeypatch.setattr(_demo, "start", lambda program: seen.append(program.name) or program)
    monkeypatch.setattr(_demo, "stop", lambda program: seen.append(f"{program.name} ended"))
    with _demo._compiling():
        seen.append("history")
    assert seen == (["history"] if is_there else ["dbt", "history", "dbt ended"])
