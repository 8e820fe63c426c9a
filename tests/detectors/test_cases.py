"""Every case of every case file, as its author meant it."""


def test_the_case_finds_what_it_says_and_nothing_else(case):
    found = [(finding.centre, frozenset(finding.payments)) for finding in case.as_written]

    assert len(found) == len(set(found)), "the same payments were found twice"
    assert set(found) == case.finds
