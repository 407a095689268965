"""What only the whole proves; each file is named for what it shows, not for a module.

Everywhere else under ``tests/`` a test lies where its module lies (``tests/test_mirror.py`` says
so). Here are kills, memory, S3, other engines and versions, browsers, notebooks, the documents,
the sample, the wheel, the benchmarks, and worlds whose cause is known.
"""
