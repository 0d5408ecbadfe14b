"""A table of the loudest recordings and the averages."""

COLUMNS = ("rms", "peak", "crossings", "frequency")
TOP = 5


def show(rows, top=TOP):
    print(f"{len(rows)} recordings")
    print(f"{'name':12}" + "".join(f"{column:>12}" for column in COLUMNS))
    for row in sorted(rows, key=lambda row: (-row["rms"], row["name"]))[:top]:
        print(f"{row['name']:12}" + "".join(f"{row[column]:>12}" for column in COLUMNS))
    means = [sum(row[column] for row in rows) / len(rows) for column in COLUMNS]
    print(f"{'mean':12}" + "".join(f"{mean:>12.4f}" for mean in means))
