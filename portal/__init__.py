"""The people's door: web pages that read what the commands read, and record by the same acts."""
