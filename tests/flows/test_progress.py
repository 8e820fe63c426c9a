"""Progress: a bar after two seconds on a terminal, lines elsewhere, nothing if told so."""

import io
import subprocess
import sys

import pytest

from flows.language import speaking
from flows.progress import Bars, Lines, Silent, progress_for


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds


class Terminal(io.StringIO):
    def isatty(self):
        return True


def breaks(stage, first):
    with stage as under_way:
        first()
        under_way.advance(2)
        raise ValueError("mine")


def test_lines_are_in_one_language_whatever_the_report_is_in():
    stream = io.StringIO()
    with speaking("fr"), Lines(stream, Clock()).stage("reading a.csv", unit="payments") as stage:
        stage.advance(1200)
    assert stream.getvalue().endswith("reading a.csv: 1,200 payments in 0.0 s\n")


def test_lines_say_when_a_stage_begins_and_ends_and_how_fast_it_was():
    stream, clock = io.StringIO(), Clock()
    with Lines(stream, clock).stage("reading a.csv", total=100) as stage:
        for _ in range(10):
            clock.now += 3
            stage.advance(10)
    assert stream.getvalue().splitlines() == [
        "moneytrail: reading a.csv: begins",
        "moneytrail: reading a.csv: 40 of 100 rows, 3 a second",
        "moneytrail: reading a.csv: 80 of 100 rows, 3 a second",
        "moneytrail: reading a.csv: 100 rows in 30.0 s",
    ]


def test_lines_say_that_a_stage_stopped_and_the_error_goes_on():
    stream = io.StringIO()
    with pytest.raises(ValueError, match="mine"):
        breaks(Lines(stream).stage("searching", unit="searches"), lambda: None)
    assert stream.getvalue().splitlines()[-1] == "moneytrail: searching: stopped after 2 searches"


def test_a_bar_shows_nothing_in_the_first_two_seconds():
    stream, clock = Terminal(), Clock()
    with Bars(stream, clock).stage("reading a.csv", total=100) as stage:
        clock.now += 1.9
        stage.advance(50)
    assert stream.getvalue() == ""


def test_a_bar_says_stage_rows_and_speed_after_two_seconds():
    stream, clock = Terminal(), Clock()
    with Bars(stream, clock).stage("reading a[b].csv", total=100) as stage:
        clock.now += 5
        stage.advance(50)
    assert "reading a[b].csv" in stream.getvalue()
    assert "50 rows, 10 a second" in stream.getvalue()


def test_a_stage_says_what_it_is_at():
    stream, clock = io.StringIO(), Clock()
    with Lines(stream, clock).stage("searching", total=3, unit="searches") as stage:
        stage.now("chain")
        clock.now += 10
        stage.now("round-trip")
        clock.now += 10
        stage.advance(1)
    assert stream.getvalue().splitlines()[1:-1] == [
        "moneytrail: searching: 0 of 3 searches, 0 a second; now round-trip",
        "moneytrail: searching: 1 of 3 searches, 0 a second; now round-trip",
    ]
    terminal = Terminal()
    with Bars(terminal, clock).stage("searching", total=3, unit="searches") as stage:
        clock.now += 5
        stage.now("round-trip")
    assert "searching: round-trip" in terminal.getvalue()


def test_stages_may_follow_and_break_on_a_terminal():
    stream, clock = Terminal(), Clock()
    for _ in range(2):
        with pytest.raises(ValueError, match="mine"):
            breaks(Bars(stream, clock).stage("writing"), lambda: clock.wait(5))


def test_quiet_shows_nothing_even_on_a_terminal(capsys):
    stream = Terminal()
    with progress_for(stream, quiet=True).stage("reading") as stage:
        stage.advance(10**9)
    assert stream.getvalue() == capsys.readouterr().err == ""


def test_the_stream_decides_between_bar_and_lines():
    assert type(progress_for(Terminal())) is Bars
    assert type(progress_for(io.StringIO())) is Lines
    assert type(progress_for(Terminal(), quiet=True)) is Silent


def test_lines_go_to_standard_error(capsys):
    with progress_for().stage("reading"):
        pass
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err


def test_rich_is_not_imported_before_a_bar_is_drawn():
    code = "import sys, flows.progress as p; p.progress_for(); sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
