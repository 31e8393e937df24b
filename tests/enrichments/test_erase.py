"""What a run knew goes with its upload: its plan, its files, its columns; the cache keeps only what is sealed."""

from collections.abc import Iterator
from pathlib import Path

from muster.enrichments.forget import count, erase
from muster.uploads.erase import erase as erase_upload
from tests.enrichments.asking import Counted, Runs, Upload, failed, found
from tests.uploads.test_erase_job import run_erasures

MARK = b"quokka"


def traces(root: Path) -> Iterator[str]:
    """Every file below `root` with the marker in its bytes or its name."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and (MARK in path.read_bytes().lower() or MARK.decode() in path.name):
            yield str(path.relative_to(root))


def test_a_deleted_upload_leaves_nothing_of_its_runs(
    runs: Runs, upload: Upload, counted: Counted, tmp_path: Path
) -> None:
    house = runs.house
    counted.dear.book = {
        "quokka@one.example": found(company="Quokka and Sons", size="7"),
        "other@two.example": failed("timeout"),
    }
    upload_id = upload([{"email": "Quokka@one.example", "firm": "quokka"}, {"email": "other@two.example"}])
    only = {
        "any": [{"field": "firm", "op": "eq", "value": "quokka"}, {"field": "email", "op": "is_not_empty"}]
    }
    wanted = {"filter": only, "budget": 1, "name": "For quokka", "targets": [{"column": "size"}]}
    run = runs.done(upload_id, {"provider": "dear", "outputs": {"company": "quokka firm"}}, **wanted).run
    assert runs.column(upload_id, "quokka firm") == ["Quokka and Sons", None]
    assert any("objects" in trace for trace in traces(tmp_path))
    erase_upload(house.uploads, runs.principal, upload_id)
    run_erasures(house.uploads)
    house.tables.cache.forget("tables/")
    house.reading.copies.close()
    assert house.db.fold_log(5)
    assert list(traces(tmp_path)) == []
    assert count(house.enrichments, runs.principal) == {"dear": 1}
    assert erase(house.enrichments, runs.principal, ["quokka@ONE.example"]) == 1
    assert run.id.startswith("enr_")
