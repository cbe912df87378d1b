"""Reads the pages that it is told to read, and asks for each whether it may.

Workers of earlier releases took a list of elements from a file and announced each element before working on it, so
that several could share a list. The library still does that for those that do not take elements from the queue.
"""

from reader import Reader


class ListedReader(Reader):
    consume_worker_activities = False


if __name__ == "__main__":
    ListedReader().run()
