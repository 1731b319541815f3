"""Files that are no plain text become plain text: archives, workbooks, JSON, Parquet. Runs in the reader's process.

    unfold(path, name, folder, limits, answers) -> [Unfolded]     # one or more text files in `folder`

Nothing of a file is ever run, no name inside of it becomes a path, and everything is counted while it streams.
"""
