//! The report as text: what a failed test prints.

use super::Leak;
use super::Report;
use super::Story;
use super::words::Counted;
use super::words::Grouped;
use super::words::explored;
use super::words::extent;
use super::words::happens;
use super::words::is_forced;
use super::words::is_switch;
use super::words::planted;
use super::words::sighted;
use super::words::summary;
use super::words::unseen;
use super::words::verdict;
use super::words::who;
use std::fmt;

/// How many ways to leak are written out; the JSON and the page have all of them.
const MOST_LEAKS: usize = 8;

/// How many moments of a story are written out at its beginning and at its end.
const MOST_MOMENTS: usize = 40;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", verdict(self), summary(self))?;
        if !self.name.is_empty() {
            write!(f, " ({})", self.name)?;
        }
        writeln!(f)?;
        for leak in self.leaks.iter().take(MOST_LEAKS) {
            leak_lines(f, leak)?;
        }
        if let Some(more @ 1..) = self.leaks.len().checked_sub(MOST_LEAKS) {
            writeln!(f, "\n  … and {}", Counted(more as u64, "more way"))?;
        }
        if let Some(story) = &self.story {
            story_lines(f, story)?;
        }
        worth_lines(f, self)?;
        if let Some(replay) = &self.replay {
            write!(f, "\nreplay: {replay}\n")?;
        }
        Ok(())
    }
}

fn leak_lines(f: &mut fmt::Formatter<'_>, leak: &Leak) -> fmt::Result {
    let Leak { first, seed, seeds, sightings } = leak;
    writeln!(f, "\n  {}", sighted(first))?;
    if !first.excerpt.is_empty() {
        writeln!(f, "    {}", first.excerpt)?;
    }
    let (times, seeds) = (Counted(*sightings, "time"), Counted(*seeds, "seed"));
    writeln!(f, "    {times} in {seeds}, first with seed {seed}")
}

fn story_lines(f: &mut fmt::Formatter<'_>, story: &Story) -> fmt::Result {
    let (sessions, requests, switches) = story.shrunk_from;
    writeln!(
        f,
        "\nthe smallest story: {}, {}, {} (of {sessions}, {requests} and {switches}, in {})",
        Counted(story.sessions.len() as u64, "session"),
        Counted(story.requests as u64, "request"),
        Counted(story.forced_switches as u64, "forced switch point"),
        Counted(story.runs, "run"),
    )?;
    let last = story.timeline.len().saturating_sub(MOST_MOMENTS);
    let mut before = None;
    for (place, moment) in story.timeline.iter().enumerate() {
        if place >= MOST_MOMENTS && place < last {
            if place == MOST_MOMENTS {
                writeln!(f, "  … {} left out", Counted((last - place) as u64, "moment"))?;
            }
        } else {
            if is_switch(before, moment) {
                let forced = if is_forced(before) { ", forced" } else { "" };
                writeln!(f, "  ------------- switch{forced}")?;
            }
            writeln!(f, "  {:>4}  {} {}", moment.step, who(moment), happens(moment))?;
        }
        before = Some(moment);
    }
    Ok(())
}

fn worth_lines(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    writeln!(f, "\nwhat this is worth:")?;
    writeln!(f, "  {}", extent(report))?;
    writeln!(f, "  {}", explored(report))?;
    writeln!(f, "  {}", planted(report))?;
    for vacuous in &report.vacuous {
        write!(f, "  {}", unseen(report, vacuous))?;
        match vacuous.instead.as_str() {
            "" => writeln!(f)?,
            instead => writeln!(f, "; there was {instead}")?,
        }
    }
    if report.stuck > 0 {
        let (stuck, seeds) = (Grouped(report.stuck), Counted(report.seeds_run, "seed"));
        writeln!(f, "  in {stuck} of {seeds} some session came to no end")?;
    }
    if !report.is_replayable {
        writeln!(f, "  a seed does not repeat this run")?;
    }
    for note in &report.notes {
        writeln!(f, "  note: {note}")?;
    }
    writeln!(f, "  {:.1} s", report.seconds)
}
