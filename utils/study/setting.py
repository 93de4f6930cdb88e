"""What a run is of, and whether its numbers can be held against the paper's.

The text of the notebooks is of networks that are trained on MNIST. Of other data, or of models
trained elsewhere, it says so at the top, and nothing is told of how near the paper they are.
"""

from math import prod

from utils.study.findings import Aside, Finding
from utils.study.runs import Stage

_LIKE_THE_PAPERS = ("mnist", "mnist-5k")


def about(stage: Stage) -> str:
    """A sentence on what the run is of, where it is not of networks trained on MNIST."""
    if _comparable(stage):
        return ""
    data, n_models = stage.dataset, len(stage.recipe.models)
    what = f"{data.name} ({prod(data.image_shape)} numbers a sample, {data.n_classes} classes)"
    if n_models:
        what += f" and {n_models} model{'s' * (n_models > 1)} trained elsewhere"
    images = "" if data.has_images else "what it calls images are samples, and "
    return (
        f"This run is of {what}. The text is that of networks trained here on MNIST: {images}"
        "nothing here can be compared with the paper's curves."
    )


def beside_paper(stage: Stage, finding: Finding) -> Finding:
    """`finding`, of numbers beside the paper's; in its place, where that says nothing, why not."""
    if _comparable(stage):
        return finding
    return Aside(
        "The paper's networks are others, trained on MNIST: how near this run comes to them says "
        "nothing."
    )


def _comparable(stage: Stage) -> bool:
    recipe = stage.recipe
    return recipe.dataset in _LIKE_THE_PAPERS and not recipe.models
