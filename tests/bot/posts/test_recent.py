"""A memory that does not grow."""

from seollem.bot.posts.recent import Recent


def test_only_the_latest_entries_are_remembered() -> None:
    recent: Recent[str, int] = Recent(2)
    recent["a"], recent["b"], recent["c"] = 1, 2, 3
    assert dict(recent) == {"b": 2, "c": 3}


def test_what_is_set_again_counts_as_new() -> None:
    recent: Recent[str, int] = Recent(2)
    recent["a"], recent["b"] = 1, 2
    recent["a"] = 3
    recent["c"] = 4
    assert dict(recent) == {"a": 3, "c": 4}
