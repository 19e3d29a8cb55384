"""The numbers of our advisory locks in the database, each its own. They never change: while the hotline is upgraded two
releases hold them at once. What is locked by a name is locked by hashtext('caunoi …') where it stands. Pure."""

READS = 1_022_001  # understands what came in
JOINS_PEOPLE = 1_022_002
POLLS = 1_022_002  # with the number of an inbox, which makes it another lock than the one above
MIGRATES = 1_022_010
COUNTS = 10_220_001  # folds events into statistics
FOLDS_TICKETS = 1022_02_0008
FOLDS_REGISTER = 1022_06_0016
LOGS = 1022_06_9162  # numbers the leaves of the public log
SEALS = 1022_06_0006  # seals the event log, and states it
IMPORTS_LISTS = 0x1157
MOVES_FILES = 1022_15_0001  # from one place of the store to another
UNDOES_PROCEDURES = 0x7E11C0DE
WORKS = 0x6361756E6F69  # "caunoi": shared by whatever works with the database, alone for a restore
