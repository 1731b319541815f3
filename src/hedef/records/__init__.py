"""What a CRM holds, as the ledger says it: people, teams, accounts, deals and the rest."""
