"""What Sectile wants to be beside the others, and whether the results say so."""

import statistics

import cases

MEBIBYTE = cases.MEBIBYTE
NETWORKS = tuple(cases.NETWORKS)


class Results:
    """bench/results.json, by name."""

    def __init__(self, data):
        self.data = data
        self.cases = {(case["network"], case["picture"]): case for case in data["cases"].values()}

    def member(self, network, picture, name):
        """The contender's result in that case; None when there is none, or it failed."""
        case = self.cases.get((network, picture))
        found = [entry for entry in case["contenders"] if entry["name"] == name] if case else []
        return found[0] if found and "failed" not in found[0] else None

    def seconds(self, network, picture, name):
        entry = self.member(network, picture, name)
        return statistics.median(entry["seconds"]) if entry else None

    def time_ratio(self, network, picture, name, other="sectile"):
        """The median over the rounds of name : other, each of one round."""
        pair = [self.member(network, picture, one) for one in (name, other)]
        if None in pair:
            return None
        return statistics.median(
            a / b for a, b in zip(*(entry["seconds"] for entry in pair), strict=True)
        )

    def memory(self, network, picture, name):
        """Bytes: of the process, above its imports, above those and the picture with its result."""
        entry = self.member(network, picture, name)
        if entry is None:
            return None
        above = entry["peak_bytes"] - entry["base_bytes"]
        return entry["peak_bytes"], above, above - self.cases[network, picture]["picture_bytes"]


def title(picture):
    return cases.PICTURES[picture].title


def faster(results, network, picture, name, least):
    ratio = results.time_ratio(network, picture, name)
    if ratio is None:
        return None
    return (
        f"Sectile at least {least}x as fast as {name}, {network}, {title(picture)}",
        f"{ratio:.3f}x",
        ratio >= least,
    )


def smaller(results, network, picture, name, most):
    """Of the processes' peaks; the other two ways of counting are said beside it."""
    ours, theirs = (results.memory(network, picture, one) for one in ("sectile", name))
    if ours is None or theirs is None:
        return None
    shares = [our / max(1, their) for our, their in zip(ours, theirs, strict=True)]
    measured = (
        f"{shares[0]:.2f} (above imports {shares[1]:.2f}; "
        f"above imports and pictures {shares[2]:.2f})"
    )
    return (
        f"Sectile's peak memory below {most} of that of {name}, {network}, {title(picture)}",
        measured,
        shares[0] < most,
    )


def same_bits(results, network, picture):
    case = results.cases.get((network, picture))
    if case is None:
        return None
    ours = [
        entry
        for entry in case["contenders"]
        if entry["name"].startswith("sectile") and "differing" in entry
    ]
    if not ours:
        return None  # the whole image could not be had
    differing = sum(entry["differing"] for entry in ours)
    count = sum(entry["values"] for entry in ours)
    return (
        f"no value of Sectile's differs from the whole image's, "
        f"{network}, {title(picture)}, all modes",
        f"{differing} of {count}",
        differing == 0,
    )


def growth(results, network):
    small, large = (results.seconds(network, picture, "sectile") for picture in ("1024", "4096"))
    if small is None or large is None:
        return None
    ratio = large / 16 / small
    return (
        f"time per megapixel at 4096 within 10 % of that at 1024, {network}",
        f"{ratio:.2f}x",
        abs(ratio - 1) <= 0.10,
    )


def all_claims(results):
    """(claim, measured, whether it holds), in the order of importance."""
    yield faster(results, "four_conv", "1024", "multimethod", 1.7)
    yield smaller(results, "four_conv", "1024", "multimethod", 0.2)
    for picture in ("2048", "2048_files"):
        for network in NETWORKS:
            yield faster(
                results, network, picture, "onnxruntime", 1.5 if network == "unet" else 1.15
            )
            yield smaller(results, network, picture, "onnxruntime", 0.25)
        for network in NETWORKS:
            yield faster(results, network, picture, "monai", 2.2)
            yield smaller(results, network, picture, "monai", 0.25)
    for network in NETWORKS:
        yield growth(results, network)
    for network, picture in sorted(results.cases):
        yield same_bits(results, network, picture)


def judged(results):
    return [claim for claim in all_claims(results) if claim is not None]
