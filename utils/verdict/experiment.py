"""What notebook 06 judges: the tables of this run and of those it is compared with."""

from utils.evidence.tables import Tables
from utils.study.runs import Stage
from utils.study.stages import STAGES


def read_tables(stage: Stage) -> Tables:
    """This run's tables, and of its `other_runs`, trained with other activations, what C8 needs.

    Refused where another run differs in more than the activation.
    """
    others = {name: stage.other(name, "activation") for name in stage.parameters.other_runs}
    return Tables(
        of_run={table: stage.read(table) for table in STAGES[stage.name].reads},
        others={
            name: Tables({table: other.read(table) for table in ("measures", "ablation")})
            for name, other in others.items()
        },
    )
