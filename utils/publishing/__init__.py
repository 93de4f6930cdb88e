"""What leaves the repository: README's results, the summary of a run, its web pages."""
