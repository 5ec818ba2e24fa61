"""Pixels in, emotions out. Synchronous; knows nothing of users, chats or storage."""
