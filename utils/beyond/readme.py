"""What README says of notebook 08; `utils.publishing.readme` puts it there."""

from utils.beyond import claims

LEAD = ("Beyond the paper, which closes on the thought that neurons act together:",)
TABLE, CLAIMS = "beyond", claims.BEYOND
STATEMENTS = "our statement"
SECOND_RUN = "On Fashion-MNIST instead of MNIST"
