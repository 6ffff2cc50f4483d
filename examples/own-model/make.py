"""Makes what the scenario beside this file rehearses: three model.tar.gz, and rows with their labels.

python examples/own-model/make.py            writes to examples/own-model/made

In life a training job or a pipeline makes the archives, and the rows are requests that an endpoint got.
"""

import io
import sys
import tarfile
from pathlib import Path

import joblib
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

HERE = Path(__file__).resolve().parent


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows, labels = load_iris(return_X_y=True)
    train_rows, sent_rows, train_labels, sent_labels = train_test_split(rows, labels, test_size=0.5, random_state=0)
    script = (HERE / "inference.py").read_text(encoding="utf-8")
    without_input_fn = script[: script.index("def input_fn")] + script[script.index("def predict_fn") :]
    weak = DecisionTreeClassifier(max_depth=1, random_state=0).fit(train_rows, train_labels)
    good = RandomForestClassifier(20, random_state=0).fit(train_rows, train_labels)
    for name, model, code in (("first", weak, script), ("second", good, script), ("third", good, without_input_fn)):
        pack(folder / f"{name}.tar.gz", model, code)
    write(folder / "rows.csv", (",".join(f"{value:.1f}" for value in row) for row in sent_rows))
    write(folder / "labels.csv", (str(label) for label in sent_labels))


def pack(path: Path, model, script: str) -> None:
    """A model.tar.gz: the model at the root, the script under code/."""
    dumped = io.BytesIO()
    joblib.dump(model, dumped)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in (("model.joblib", dumped.getvalue()), ("code/inference.py", script.encode())):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def write(path: Path, lines) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "made")
