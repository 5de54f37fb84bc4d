"""What is asked, and what is said, for each calculator by chat; one file per family."""
