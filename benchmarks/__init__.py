"""Speed beside named peers: one run, ratios, equal results checked first. No tests, no time limits."""
