"""Which of the table's kinds a result is, from what the tool and PyTorch say of it."""

EXACT = "exact"
LOCAL = "refused: local"
STATISTICS = "refused: statistics of the whole image"
ATTENTION = "refused: attention over the image"
SIZES = "refused: numbers that stand for the exported size"
NOT_EXPORTABLE = "not exportable"
WRONG = "crash, failure or difference"

# Best first. A verdict that comes later than the one on record is worse.
ORDER = (EXACT, LOCAL, SIZES, STATISTICS, ATTENTION, NOT_EXPORTABLE, WRONG)

BY_REASON = {
    "whole_image_pool": STATISTICS,
    "whole_image_norm": STATISTICS,
    "whole_image_softmax": ATTENTION,
    "attention": ATTENTION,
    "exported_size": SIZES,
    "position_dependent": SIZES,
    "fully_connected": SIZES,
}

# PyTorch's operators that multiply computed values with each other, by how their names start.
PRODUCTS = ("aten.scaled_dot_product_attention", "aten.matmul", "aten.bmm", "aten.einsum")


def differing(result):
    """Values that differ, in all runs."""
    runs = [*result.get("runs", []), result.get("bench", {})]
    return sum(run.get("differing", 0) for run in runs)


def values(result):
    return sum(run["values"] for run in result.get("runs", []))


def mixing_kind(result):
    """Of a network that mixes the image, where no blocker says how."""
    attends = any(name.startswith(PRODUCTS) for name in result.get("operators", []))
    return ATTENTION if attends else STATISTICS


def of_refused(result):
    """The first blocker decides: the tool puts the decisive one first.

    Where a change at one end of an image does not reach the other in PyTorch, the network is local,
    and a blocker that speaks of the whole image speaks of a window.
    """
    kinds = [BY_REASON.get(blocker["reason"], LOCAL) for blocker in result["blockers"]]
    if result["mixes_the_image"] is False:
        return SIZES if kinds[:1] == [SIZES] else LOCAL
    if result["mixes_the_image"]:
        named = (kind for kind in kinds if kind in (STATISTICS, ATTENTION))
        return next(named, None) or mixing_kind(result)
    return next((kind for kind in kinds if kind != LOCAL), LOCAL)


def category(result):
    if "not_exportable" in result:
        return NOT_EXPORTABLE
    if "failure" in result or differing(result):
        return WRONG
    if result["verdict"] == "exact":
        # What one program cannot show: it is read as a network that it is not.
        is_taken_for_local = result["mixes_the_image"] and result.get("passes", 1) == 1
        return WRONG if is_taken_for_local or not result["runs"] else EXACT
    return of_refused(result)


def is_worse(category, recorded):
    return ORDER.index(category) > ORDER.index(recorded)
