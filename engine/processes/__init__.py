"""The stochastic processes, as one explicit tuple (floor 2).

A row is added by writing its file and naming it here (`seawall new process NAME` does both);
tests/processes/test_processes_table.py holds each row to its own moments.
"""

from engine.processes.gbm import GBM
from engine.processes.spec import Process

PROCESSES: tuple[Process, ...] = (GBM,)

BY_NAME: dict[str, Process] = {process.name: process for process in PROCESSES}
