"""What README says of notebook 06; `utils.publishing.readme` puts it there."""

from utils.evidence import claims

LEAD = (
    "Each claim is a number in one or more cases (layers, quantities, fractions), and agrees",
    "in a case if the whole 95 % interval over the networks lies on the claimed side.",
)
TABLE, CLAIMS = "claims", claims.CLAIMS
STATEMENTS = "the paper's claim"
SECOND_RUN = "Trained again from another base seed"
