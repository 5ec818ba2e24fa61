"""The arithmetic of affection: readings in, turns and moods out."""
