"""The command line that all rooms share: doors, streams and the terminal. Imports none of ours."""
