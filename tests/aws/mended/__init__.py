"""Repairs to moto, so that it answers as AWS's documentation says.

`repairs.py` is the table of modules. Each module repairs one AWS service or one corner of EC2: small functions, each
wrapped around one method of moto by `patch.replaces`, each naming the AWS document it follows. What a module knows to
be still wrong stands at its head. Requests are served one at a time (`application.py`), and time is `clock.py`'s alone.
"""
