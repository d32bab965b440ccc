"""Which part of Graph's list is asked for: always one that Graph accepts, whatever its clock says."""

from datetime import UTC, datetime, timedelta

import pytest

from app.fetch.reconciliation import window
from app.fetch.reconciliation.window import MARGINS, Slice, next_length, next_slice, wider_margin
from app.inbox.queue import WINDOW

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
OLDEST, NEWEST = NOW - WINDOW + MARGINS[0], NOW - MARGINS[0]


@pytest.mark.parametrize(
    ("position", "until", "length", "expected"),
    [
        (NOW - 5 * D, None, H, Slice(NOW - 5 * D, NOW - 5 * D + H)),
        (NOW - WINDOW, None, H, Slice(OLDEST, OLDEST + H)),  # exactly what Graph has, and no margin
        (NOW - 60 * D, None, H, Slice(OLDEST, OLDEST + H)),
        (NOW - WINDOW, None, WINDOW, Slice(OLDEST, None)),
        (NOW - 45 * M, None, H, Slice(NOW - 45 * M, None)),
        (NOW - M, None, H, Slice(NEWEST, None)),  # by Graph's clock this minute may not have come
        (NOW + H, None, H, Slice(NEWEST, None)),
        (NOW - 5 * D, NOW - 4 * D, WINDOW, Slice(NOW - 5 * D, NOW - 4 * D)),
        (NOW - 5 * D, NOW - 4 * D, H, Slice(NOW - 5 * D, NOW - 5 * D + H)),
        (NOW - H, NOW - M, H, Slice(NOW - H, None)),  # the rest is left out when it is listed
        (NOW - 4 * D, NOW - 4 * D, H, None),
        (NOW - 60 * D, NOW - 40 * D, H, None),  # Graph has nothing of it
    ],
)
def test_a_slice_is_within_what_graph_accepts(position, until, length, expected):
    assert next_slice(position, until, length, NOW) == expected


def test_no_bound_leaves_the_window_when_two_clocks_differ_by_ten_minutes(subtests):
    for margin in MARGINS:
        for behind in [timedelta(), 10 * M, 35 * D]:
            for first in [M, H, WINDOW]:
                with subtests.test(margin=margin, behind=behind, first=first):
                    position, length = NOW - behind, first
                    while (part := next_slice(position, None, length, NOW, margin)) is not None:
                        for graphs_now in (NOW - 10 * M, NOW + 10 * M):
                            assert graphs_now - WINDOW <= part.since <= graphs_now
                            assert part.until is None or part.until <= graphs_now
                        if part.until is None:
                            break
                        position = part.until
                        length = next_length(length, 1)


def test_slices_follow_each_other_without_a_gap():
    position, seen = NOW - 3 * D, []
    while (part := next_slice(position, NOW - D, H, NOW)) is not None:
        seen.append(part)
        position = part.until
    assert (seen[0].since, seen[-1].until, len(seen)) == (NOW - 3 * D, NOW - D, 48)
    assert [part.since for part in seen[1:]] == [part.until for part in seen[:-1]]


@pytest.mark.parametrize(
    ("position", "length", "refused_with", "expected"),
    [
        (NOW - WINDOW, H, 0, 1),  # the oldest bound moves
        (NOW - WINDOW, H, 3, 4),
        (NOW - WINDOW, H, 4, None),  # a day is enough of a margin
        (NOW - 45 * M, H, 0, 1),  # the newest one
        (NOW - H, H, 0, 2),
        (NOW - 100 * M, H, 0, 1),  # its upper bound is left away
        (NOW - WINDOW + 5 * H, H, 0, 3),  # smaller margins would ask the same again
        (NOW - 15 * D, H, 0, None),  # no bound is near an end
    ],
)
def test_after_a_400_the_margin_grows_until_another_window_is_asked_for(position, length, refused_with, expected):
    margin = MARGINS[refused_with]
    refused = next_slice(position, None, length, NOW, margin)
    found = wider_margin(refused, position, None, length, NOW + timedelta(seconds=1), margin)
    assert found == (None if expected is None else MARGINS[expected])


@pytest.mark.parametrize(
    ("length", "pages", "expected"),
    [
        (WINDOW, 1, WINDOW),
        (H, 1, 2 * H),  # a quiet tenant needs few requests
        (2 * H, 5, 2 * H),
        (H, 70, H),
        (H, 101, 30 * M),
        (M, 1000, M),
        (30 * M, 20, H),
        (30 * M, 60, 30 * M),
        (45 * M, 20, H),
    ],
)
def test_the_next_slice_has_some_pages_and_not_too_many(length, pages, expected):
    assert next_length(length, pages) == expected


@pytest.mark.parametrize(("length", "expected"), [(WINDOW, WINDOW), (H, 30 * M), (M, M)])
def test_a_slice_that_broke_off_is_tried_again_in_halves(length, expected):
    assert window.after_failure(length) == expected
