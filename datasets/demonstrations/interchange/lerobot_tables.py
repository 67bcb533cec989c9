"""Parquet tables as LeRobot's readers expect them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from demonstrations.interchange.lerobot_layout import DATA_FILE_MB, DATA_PATH, place
from demonstrations.interchange.requirements import need


class DataFiles:
    """The rows of many episodes: a row group an episode, a new file where one is full."""

    def __init__(self, out: Path, features: Mapping[str, Mapping[str, Any]]):
        self._out = out
        self._schema = _schema(features)
        self._file = 0
        self._writer: Any = None
        self._path = out

    def append(self, columns: Mapping[str, np.ndarray]) -> dict[str, int]:
        """Add an episode's rows; returns the chunk and file index of the file that has them."""
        pa, pq = need("pyarrow"), need("pyarrow.parquet")
        if self._writer is not None and self._path.stat().st_size >= DATA_FILE_MB * 1024**2:
            self.close()
            self._file += 1
        if self._writer is None:
            self._path = self._out / DATA_PATH.format(**place(self._file))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._path, self._schema, compression="snappy")
        arrays = [_arrow(columns[name], self._schema.field(name).type) for name in self._schema.names]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        return place(self._file)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def write_tasks(path: Path, tasks: Sequence[str]) -> None:
    """The table of instructions; its index in pandas is the instruction."""
    pa, pq = need("pyarrow"), need("pyarrow.parquet")
    described = [_pandas_column("task_index", "int64"), _pandas_column("task", "unicode")]
    pandas = {
        "index_columns": ["task"],
        "column_indexes": [],
        "columns": described,
        "pandas_version": "2.0.0",
    }
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), "task": list(tasks)})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(pandas)}), path)


def write_episodes(path: Path, episodes: Sequence[Mapping[str, Any]]) -> None:
    """One row an episode; values are numbers, strings or nested lists of them."""
    pa, pq = need("pyarrow"), need("pyarrow.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(episodes)), path)


def _pandas_column(name: str, kind: str) -> dict[str, Any]:
    numpy_type = "int64" if kind == "int64" else "object"
    return {"name": name, "field_name": name, "pandas_type": kind, "numpy_type": numpy_type, "metadata": None}


def _schema(features: Mapping[str, Mapping[str, Any]]) -> Any:
    pa = need("pyarrow")
    fields, described = [], {}
    for name, feature in features.items():
        if feature["dtype"] == "video":
            continue
        value = {"dtype": feature["dtype"], "_type": "Value"}
        arrow = getattr(pa, feature["dtype"])()
        (size,) = feature["shape"]
        if size == 1:
            fields.append(pa.field(name, arrow))
            described[name] = value
        else:
            fields.append(pa.field(name, pa.list_(arrow, size)))
            described[name] = {"feature": value, "length": size, "_type": "Sequence"}
    return pa.schema(fields, {"huggingface": json.dumps({"info": {"features": described}})})


def _arrow(array: np.ndarray, kind: Any) -> Any:
    pa = need("pyarrow")
    if array.ndim == 1 or array.shape[1] == 1:
        return pa.array(array.reshape(-1), kind)
    flat = pa.array(np.ascontiguousarray(array).reshape(-1), kind.value_type)
    return pa.FixedSizeListArray.from_arrays(flat, type=kind)
