"""Goals of company, teams and people, and where each should be by a day: targets, phasing, pace, scoreboards."""
