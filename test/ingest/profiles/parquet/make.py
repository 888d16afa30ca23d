"""Writes the tables of this folder, with pandas and pyarrow, as pycytominer and JUMP do: python3 make.py"""
import numpy
import pandas
import pyarrow
from pyarrow import parquet

random = numpy.random.default_rng(7)
ROWS = 32
plate = [f"P{1 + row // 16}" for row in range(ROWS)]
control = [row % 16 < 4 for row in range(ROWS)]
table = pandas.DataFrame({
    "Metadata_Plate": pandas.Categorical(plate),
    "Metadata_Well": [f"{'AB'[row % 16 // 8]}{1 + row % 8:02d}" for row in range(ROWS)],
    "Metadata_Count": numpy.arange(ROWS, dtype="int64") + 2**53 + 1,
    "Metadata_broad_sample": [None if dmso else f"BRD-K{row % 16:08d}-001-01-1" for row, dmso in enumerate(control)],
    "Metadata_pert_iname": ["DMSO" if dmso else f"compound {row % 16}" for row, dmso in enumerate(control)],
    "Metadata_smiles": [None if dmso else "CC,O" + "C" * (row % 16) for row, dmso in enumerate(control)],
    "Metadata_moa": [None if dmso else "DYRK inhibitor|CDK inhibitor" for dmso in control],
    "Metadata_control_type": pandas.Categorical(["negcon" if dmso else None for dmso in control]),
    "Cells_Double": random.normal(size=ROWS),
    "Cells_Single": random.normal(size=ROWS).astype("float32"),
    "Cells_Whole": random.integers(-9, 9, ROWS),
    "Cells_Gaps": pandas.array([None if row == 5 else row for row in range(ROWS)], dtype="Int64"),
    "Cells_Infinite": [numpy.inf if row == 20 else row / 3 for row in range(ROWS)],
    "Nuclei_Holes": [numpy.nan if row % 4 == 0 else row for row in range(ROWS)],
    "Nuclei_Same": [1.5] * ROWS,
    "Nuclei_Text": [str(row % 5 / 2) for row in range(ROWS)],
}, index=[100 + 3 * row for row in range(ROWS)])
table.to_csv("wells.csv")
table.to_parquet("wells-snappy.parquet")
table.to_parquet("wells-zstd.parquet", compression="zstd", row_group_size=20)
arrow = pyarrow.Table.from_pandas(table)
floats = {name: "BYTE_STREAM_SPLIT" for name in ["Cells_Double", "Cells_Single"]}
parquet.write_table(arrow, "wells-pages.parquet", compression="none", data_page_version="2.0", use_dictionary=["Metadata_Plate"], column_encoding=floats)

small = table[["Metadata_Plate", "Metadata_Well", "Cells_Double"]].reset_index(drop=True)
for codec in ["gzip", "brotli", "lz4"]:
    small.to_parquet(f"small-{codec}.parquet", compression=codec)
small.assign(Cells_List=[[1.0, 2.0]] * ROWS).to_parquet("lists.parquet")
small.assign(Metadata_genes=[["A", "B"]] * ROWS).to_parquet("lists-beside.parquet")
small.assign(Cells_Good=control).to_parquet("truths.parquet")
small.iloc[:0].to_parquet("no-rows.parquet")
twice = pyarrow.table([["P1"], ["A01"], [1.0], [2.0]], names=["Metadata_Plate", "Metadata_Well", "X", "X"])
parquet.write_table(twice, "twice.parquet", compression="none")
# Levels that claim a run of 2**31 - 1 values in place of 32.
plain = "endless-run.parquet"
parquet.write_table(pyarrow.Table.from_pandas(small, preserve_index=False).replace_schema_metadata(), plain, compression="none", store_schema=False, use_dictionary=False)
with open(plain, "r+b") as file:
    at = file.read().rindex(bytes([2, 0, 0, 0, 2 * ROWS, 1]))
    file.seek(at + 4)
    file.write(bytes([0xFE, 0xFF, 0xFF, 0xFF, 0x0F]))
# 201 million cells in a few kilobytes: runs of one value.
rows = 10_050_000
same = pyarrow.DictionaryArray.from_arrays(pyarrow.array(numpy.zeros(rows, "int8")), pyarrow.array(["P1"]))
schema = pyarrow.schema([pyarrow.field(f"Metadata_{i}", same.type, nullable=False) for i in range(20)])
many = pyarrow.Table.from_arrays([same] * 20, schema=schema)
parquet.write_table(many, "many.parquet", row_group_size=rows, max_rows_per_page=rows, write_batch_size=rows, write_statistics=False, store_schema=False)
