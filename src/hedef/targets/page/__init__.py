"""What the Performance page shows, ready for a template: exact values in major units, no markup."""
