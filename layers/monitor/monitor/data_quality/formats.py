"""Model Monitor's files of data quality: statistics.json, constraints.json and the entries of
constraint_violations.json.

Schemas: docs sagemaker/latest/dg/model-monitor-interpreting-statistics, model-monitor-byoc-constraints and
model-monitor-interpreting-violations. What we add stands beside the documented fields: ``shift`` of a sketch, and
``rest`` of a distribution whose rarest texts are not written out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor import exact_sums, sketch
from monitor.config import finite
from monitor.data_quality.features import Feature, Texts, inferred_type

BUCKETS = 1000
"""Texts of a feature that statistics.json writes out, the most frequent first."""

DOMAIN = 100
"""A feature with at most so many texts gets a domain in the suggested constraints ("for small cardinality")."""

MONITORING = {
    "evaluate_constraints": "Enabled",
    "emit_metrics": "Enabled",
    "datatype_check_threshold": 1.0,
    "domain_content_threshold": 1.0,
    "distribution_constraints": {
        "perform_comparison": "Enabled",
        "comparison_threshold": 0.1,
        "comparison_method": "Simple",
    },
}
"""Two thresholds are the smallest share of values that fits: Model Monitor's own baselines have 1.0 there, and its
violations say "Expected match: 100.0%". (The table of the documentation names 0.1 as default, without saying of
what.)"""


class Unusable(ValueError):
    """A baseline file is not as documented; the message names the field."""


@dataclass(frozen=True)
class Rules:
    """``monitoring_config``, of the file or of one feature."""

    evaluate: bool = True
    datatype: float = 1.0
    domain: float = 1.0
    compare: bool = True
    robust: bool = False
    distance: float = 0.1
    categorical_distance: float = 0.1


@dataclass(frozen=True)
class Constraint:
    """What one feature must satisfy; None: nothing is asked."""

    name: str
    inferred_type: str = "Unknown"
    completeness: float | None = None
    domains: frozenset[str] | None = None
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True)
class Statistic:
    """What statistics.json says of one feature: enough to compare a window with it."""

    name: str
    inferred_type: str
    present: int
    missing: int
    summary: Feature


def statistics(records: int, features: Mapping[str, Feature]) -> dict[str, Any]:
    """The statistics.json of these columns."""
    return {
        "version": 0.0,
        "dataset": {"item_count": records},
        "features": [_statistic(name, found, records) for name, found in features.items()],
    }


def _statistic(name: str, found: Feature, records: int) -> dict[str, Any]:
    kind = inferred_type(found)
    common = {"num_present": found.present, "num_missing": records - found.present}
    entry: dict[str, Any] = {"name": name, "inferred_type": kind}
    if kind == "String":
        counts = sorted(found.texts.counts.items(), key=lambda item: (-item[1], item[0]))
        rest = found.present - sum(count for _, count in counts[:BUCKETS])
        categorical: dict[str, Any] = {"buckets": [{"value": text, "count": count} for text, count in counts[:BUCKETS]]}
        if rest:
            categorical["rest"] = rest
        distribution = {"categorical": categorical}
        entry["string_statistics"] = {
            "common": common,
            "distinct_count": found.texts.distinct,
            "distribution": distribution,
        }
        return entry
    numbers: dict[str, Any] = {"common": common}
    if found.numeric and found.low is not None and found.high is not None:
        numbers |= {
            "mean": exact_sums.mean(found.total, found.numeric),
            "sum": exact_sums.as_float(found.total),
            "std_dev": exact_sums.deviation(found.total, found.squares, found.numeric),
            "min": found.low,
            "max": found.high,
            "distribution": {
                "kll": {
                    "buckets": sketch.buckets(found.numbers, found.low, found.high),
                    "sketch": sketch.to_kll(found.numbers),
                }
            },
        }
    entry["numerical_statistics"] = numbers
    return entry


def constraints(records: int, features: Mapping[str, Feature]) -> dict[str, Any]:
    """The constraints.json that these columns suggest, as Model Monitor's baseline job suggests one."""
    return {
        "version": 0.0,
        "features": [_constraint(name, found, records) for name, found in features.items()],
        "monitoring_config": MONITORING,
    }


def _constraint(name: str, found: Feature, records: int) -> dict[str, Any]:
    kind = inferred_type(found)
    entry: dict[str, Any] = {
        "name": name,
        "inferred_type": kind,
        "completeness": found.present / records if records else 0.0,
    }
    if kind == "String" and found.texts.level == 0 and len(found.texts.counts) <= DOMAIN and not found.numeric:
        entry["string_constraints"] = {"domains": sorted(found.texts.counts)}
    if kind in ("Integral", "Fractional"):
        entry["num_constraints"] = {"is_non_negative": found.low is not None and found.low >= 0}
    return entry


def violation(feature_name: str, check: str, description: str) -> dict[str, Any]:
    """An entry of constraint_violations.json."""
    return {"feature_name": feature_name, "constraint_check_type": check, "description": description}


def read_statistics(document: Any) -> dict[str, Statistic]:
    """The features of a statistics.json, ours or Model Monitor's. Raises Unusable."""
    found = {}
    for place, entry in enumerate(_features(document, "statistics.json")):
        where = f"statistics.json: features[{place}]"
        try:
            found[entry["name"]] = _read_statistic(entry)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
            raise Unusable(f"{where} is not usable ({type(fault).__name__}: {fault})") from None
    return found


def _read_statistic(entry: Mapping[str, Any]) -> Statistic:
    numbers, strings = entry.get("numerical_statistics"), entry.get("string_statistics")
    common = (numbers or strings or {}).get("common", {})
    present, missing = int(common.get("num_present", 0)), int(common.get("num_missing", 0))
    summary = Feature()
    if numbers and "distribution" in numbers:
        summary = Feature(numbers=sketch.from_kll(numbers["distribution"]["kll"]["sketch"]))
    elif strings and "distribution" in strings:
        categorical = strings["distribution"]["categorical"]
        counts = {str(bucket["value"]): int(bucket["count"]) for bucket in categorical["buckets"]}
        summary = Feature(texts=Texts(counts, rest=int(categorical.get("rest", 0))))
    return Statistic(entry["name"], entry.get("inferred_type", "Unknown"), present, missing, summary)


def read_constraints(document: Any) -> dict[str, Constraint]:
    """The features of a constraints.json, each with the rules that hold for it. Raises Unusable."""
    entries = _features(document, "constraints.json")
    common = _read_rules(document.get("monitoring_config", {}), Rules(), "constraints.json: monitoring_config")
    found = {}
    for place, entry in enumerate(entries):
        where = f"constraints.json: features[{place}]"
        kind, completeness = entry.get("inferred_type", "Unknown"), entry.get("completeness")
        if kind not in ("Integral", "Fractional", "String", "Unknown"):
            raise Unusable(f"{where}.inferred_type is not Integral, Fractional, String or Unknown")
        if completeness is not None and not (finite(completeness) and 0 <= completeness <= 1):
            raise Unusable(f"{where}.completeness is not a number from 0 to 1")
        strings = entry.get("string_constraints") or {}
        domains = strings.get("domains") if isinstance(strings, dict) else ()
        if domains is not None and not (isinstance(domains, list) and all(isinstance(text, str) for text in domains)):
            raise Unusable(f"{where}.string_constraints.domains is not a list of texts")
        rules = _read_rules(entry.get("monitoringConfigOverrides") or {}, common, f"{where}.monitoringConfigOverrides")
        allowed = None if domains is None else frozenset(domains)
        found[entry["name"]] = Constraint(entry["name"], kind, completeness, allowed, rules)
    return found


def _features(document: Any, file: str) -> list[dict[str, Any]]:
    if not isinstance(document, dict):
        raise Unusable(f"{file} is not an object")
    features = document.get("features")
    if not isinstance(features, list):
        raise Unusable(f"{file}: features is not a list")
    for place, entry in enumerate(features):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise Unusable(f"{file}: features[{place}].name is not text")
    return features


def _read_rules(document: Any, common: Rules, where: str) -> Rules:
    distribution = document.get("distribution_constraints", {}) if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(distribution, dict):
        raise Unusable(f"{where} is not an object")
    inside = f"{where}.distribution_constraints"
    apart = _read(distribution, "comparison_threshold", common.distance, inside, _share)
    own = common.categorical_distance if "comparison_threshold" not in distribution else apart
    return Rules(
        evaluate=_read(document, "evaluate_constraints", common.evaluate, where, _switch),
        datatype=_read(document, "datatype_check_threshold", common.datatype, where, _share),
        domain=_read(document, "domain_content_threshold", common.domain, where, _share),
        compare=_read(distribution, "perform_comparison", common.compare, inside, _switch),
        robust=_read(distribution, "comparison_method", common.robust, inside, _method),
        distance=apart,
        categorical_distance=_read(distribution, "categorical_comparison_threshold", own, inside, _share),
    )


def _read(document: Mapping[str, Any], name: str, default: Any, where: str, read: Callable[[Any], Any]) -> Any:
    if document.get(name) is None:
        return default
    try:
        return read(document[name])
    except ValueError as wanted:
        raise Unusable(f"{where}.{name} is not {wanted}") from None


def _switch(value: Any) -> bool:
    if value not in ("Enabled", "Disabled"):
        raise ValueError("Enabled or Disabled")
    return bool(value == "Enabled")


def _method(value: Any) -> bool:
    if value not in ("Simple", "Robust"):
        raise ValueError("Simple or Robust")
    return bool(value == "Robust")


def _share(value: Any) -> float:
    if not finite(value) or not 0 <= value <= 1:
        raise ValueError("a number from 0 to 1")
    return float(value)
