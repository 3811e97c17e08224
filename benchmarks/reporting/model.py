"""The heavy parts of the model beside their peers."""

from .markdown import gigabytes, seconds, table


def model_table(results):
    rows = []
    for one in results.starting("model"):
        for side in ("ours", "theirs"):
            for name, used in one[side].items():
                words = name if side == "ours" else f"{one['matrix_rows']} x {one['columns']}: {name}"
                rows.append([words, seconds(used["wall_seconds"]), seconds(used["cpu_seconds"])])
    return table(["", "wall s", "CPU s"], rows)


def memory_table(results):
    rows = [
        [one["stage"].removeprefix("kernel "), gigabytes(one["peak_memory_bytes"])]
        for one in results.starting("kernel")
    ]
    return table(["", "peak GB"], rows)
