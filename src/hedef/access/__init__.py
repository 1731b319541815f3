"""Who may: users, their roles and tokens, and what each of them sees."""
