"""What the pages of numbers show, ready for a template: exact values in major units, no markup."""
