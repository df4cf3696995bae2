"""A notebook of three trivial cells by papermill, ms of the median."""
import json
import sys
import time
import nbformat
import papermill

folder = sys.argv[1]
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in ("a = 1", "b = a + 1", "a + b")])
notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
nbformat.write(notebook, f"{folder}/in.ipynb")
times = []
for _ in range(5):
    begin = time.perf_counter()
    papermill.execute_notebook(f"{folder}/in.ipynb", f"{folder}/out.ipynb", progress_bar=False)
    times.append((time.perf_counter() - begin) * 1000)
times.sort()
print(json.dumps({"notebook": times[len(times) // 2]}))
