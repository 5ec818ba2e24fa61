"""The commands and listeners, one noun a file."""
