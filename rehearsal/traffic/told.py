"""What callers of a multi-model endpoint are told: they name the value of a parameter as their TargetModel, which is
/interlock/<stack>/live/<endpoint>/<group>."""

from __future__ import annotations

from rehearsal.aws import Caller
from rehearsal.services.ssm import Ssm

_ANYBODY = Caller("person")


def told_to_callers(ssm: Ssm, path: str, endpoint: str) -> str:
    """The model that callers of an endpoint name, "" while they are told none; `path` is that of the stack."""
    found = ssm.get_parameters_by_path({"Path": f"{path}/live/{endpoint}"}, _ANYBODY)["Parameters"]
    return str(found[0]["Value"]) if found else ""


def endpoint_told(parameter: str) -> str:
    """The endpoint whose callers read a parameter, "" if it is another one."""
    *_, live, endpoint, _ = ["", "", *parameter.split("/")]
    return endpoint if live == "live" else ""
