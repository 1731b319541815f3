"""KPI definitions and their evaluation: what a number means, and what it is for whom, when, as of any date."""
