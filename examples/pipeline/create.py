"""Creates the pipeline in your account, or updates it. Doing it again changes nothing that is already so.

    python3 create.py --bucket my-bucket --role arn:aws:iam::123456789012:role/churn-training --monitor monitor.py

It needs boto3 and the permissions to write to the bucket, to create a pipeline and a model package group, and to pass
the role. It uploads the scripts, makes the model package group, and creates the pipeline "churn-train" from
definition.json, in which it gives the parameters that depend on your account their defaults.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROCESSING = ("preprocess.py", "evaluate.py", "attribution_baseline.py")
KINDS = ("data_quality", "model_quality", "bias", "attribution")
VERSION = "1.4-2-cpu-py3"
# Accounts of the stock scikit-learn image (sagemaker-python-sdk: image_uri_config/sklearn.json).
REGISTRIES = {
    "af-south-1": "510948584623",
    "ap-east-1": "651117190479",
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "720646828776",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ap-southeast-3": "951798379941",
    "ca-central-1": "341280168497",
    "eu-central-1": "492215442770",
    "eu-central-2": "680994064768",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-south-2": "104374241257",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "il-central-1": "898809789911",
    "me-central-1": "272398656194",
    "me-south-1": "801668240914",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}
EXISTS = "already exists"  # group: "... already exists"; pipeline: "Pipeline with name (...) already exists"


def image(region: str) -> str:
    """The stock scikit-learn image of a Region. SystemExit for a Region without one."""
    if region not in REGISTRIES:
        raise SystemExit(f"no scikit-learn image is known for {region}: give --image")
    return f"{REGISTRIES[region]}.dkr.ecr.{region}.amazonaws.com/sagemaker-scikit-learn:{VERSION}"


def scripts(monitor: str) -> dict[str, bytes]:
    """What is uploaded, by its name under the folder of the code. The same files give the same bytes."""
    files = {name: (HERE / name).read_bytes() for name in PROCESSING}
    files["sourcedir.tar.gz"] = packed(
        {each.name: each.read_bytes() for each in sorted((HERE / "source").glob("*.py"))}
    )
    for kind in KINDS:
        files[f"monitors/{kind}/config.json"] = (HERE / f"monitors/{kind}.json").read_bytes()
    if not monitor.startswith("s3://"):
        files["monitor.py"] = Path(monitor).read_bytes()
    return files


def packed(files: Mapping[str, bytes]) -> bytes:
    """A gzipped tar without times or owners."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def definition(text: str, defaults: Mapping[str, Any]) -> str:
    """The definition with these defaults of its parameters; everything else is as the SDK emitted it."""
    document = json.loads(text)
    for parameter in document["Parameters"]:
        if parameter["Name"] in defaults:
            parameter["DefaultValue"] = defaults[parameter["Name"]]
    return json.dumps(document)


def create(sagemaker: Any, s3: Any, args: argparse.Namespace, region: str) -> str:
    """Upload and create, or update; the pipeline's ARN. The clients are boto3's."""
    folder = f"{args.prefix.strip('/')}/code"
    for name, content in scripts(args.monitor).items():
        s3.put_object(Bucket=args.bucket, Key=f"{folder}/{name}", Body=content)
    root = f"s3://{args.bucket}/{args.prefix.strip('/')}"
    defaults = {
        "Code": f"{root}/code",
        "Monitor": args.monitor if args.monitor.startswith("s3://") else f"{root}/code/monitor.py",
        "InputData": args.data or f"{root}/data",
        "Output": f"{root}/executions",
        "Role": args.role,
        "Image": args.image or image(region),
        "ModelPackageGroup": args.group,
    }
    name = "definition-on-demand.json" if args.on_demand else "definition.json"
    text = definition((HERE / name).read_text(encoding="utf-8"), defaults)
    ignoring_existing(sagemaker, sagemaker.create_model_package_group, ModelPackageGroupName=args.group)
    request = {"PipelineName": args.name, "PipelineDefinition": text, "RoleArn": args.role}
    created = ignoring_existing(sagemaker, sagemaker.create_pipeline, **request)
    return str((created or sagemaker.update_pipeline(**request))["PipelineArn"])


def ignoring_existing(client: Any, operation: Any, **request: Any) -> Any:
    """The answer of the operation, or None when what it creates exists."""
    try:
        return operation(**request)
    except client.exceptions.ClientError as refused:
        if EXISTS in str(refused):
            return None
        raise


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bucket", required=True, help="for scripts, data and results")
    parser.add_argument("--role", required=True, help="ARN of the role of the pipeline and its jobs")
    parser.add_argument("--monitor", required=True, help="Interlock's monitor.py: a file, or its s3:// place")
    parser.add_argument("--name", default="churn-train", help="of the pipeline")
    parser.add_argument("--group", default="churn", help="model package group")
    parser.add_argument("--prefix", default="churn-train", help="folder in the bucket")
    parser.add_argument("--data", default="", help="s3:// folder of the CSV files (default: <bucket>/<prefix>/data)")
    parser.add_argument("--image", default="", help="scikit-learn image (default: the stock image of the Region)")
    parser.add_argument("--on-demand", action="store_true", help="do not train on spot instances")
    return parser.parse_args(given)


def main() -> None:
    import boto3  # noqa: TID251 (a person runs this; tests have no credentials, so it is imported here)

    args = arguments()
    session = boto3.Session()
    arn = create(session.client("sagemaker"), session.client("s3"), args, session.region_name)
    sys.stdout.write(f"{arn}\n")


if __name__ == "__main__":
    main()
