"""The order of the suite: which tests run in one process, which come first, and when garbage is collected."""

import gc
import os

from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/web/pages/browser/"
SLOW = (BROWSER, "tests/flow/", "tests/upgrades/", "tests/doctor/", "tests/docs/", "tests/cli/")


class _ByFile(LoadScopeScheduling):
    """What the tests of a file share is made once; all that need a browser share one, and what it looks at."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0]
        return BROWSER if file.startswith(BROWSER) else file


def pytest_xdist_make_scheduler(config, log):
    return _ByFile(config, log)


def pytest_collection_modifyitems(items):
    """Files that take long come first: in the end no process waits for another's."""
    items.sort(key=lambda item: next((n for n, one in enumerate(SLOW) if item.nodeid.startswith(one)), len(SLOW)))


def pytest_xdist_auto_num_workers():
    """One more than the processors: some tests wait for other programs."""
    return os.cpu_count() + 1


gc.disable()  # while five thousand tests are collected: nothing of them is garbage


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


def pytest_unconfigure():
    gc.unfreeze()
