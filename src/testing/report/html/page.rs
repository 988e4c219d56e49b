//! The page: result, leaks, story, and what the run is worth.

use super::super::words::Counted;
use super::super::words::explored;
use super::super::words::extent;
use super::super::words::planted;
use super::super::words::sighted;
use super::super::words::summary;
use super::super::words::unseen;
use super::super::words::verdict;
use super::curve::CoverageCurve;
use super::escaped::Escaped;
use super::marked::Marked;
use super::matrix::MatrixPicture;
use super::style::STYLE;
use super::timeline::Timeline;
use crate::testing::Report;
use crate::testing::Story;
use std::fmt;

/// How many ways to leak are on the page.
const MOST_LEAKS: usize = 50;

impl Report {
    /// The report as one HTML page that needs nothing else: no script, no font, no other file.
    ///
    /// Who saw whom is a picture, empty for a pass; the smallest story is a timeline with the
    /// switches marked; the coverage is a curve over the seeds. All text of the program under test
    /// is escaped.
    #[must_use]
    pub fn to_html(&self) -> String {
        Page(self).to_string()
    }
}

struct Page<'a>(&'a Report);

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        let (verdict, name) = (verdict(report), Escaped(&report.name));
        writeln!(f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
        writeln!(
            f,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
             'unsafe-inline'\">"
        )?;
        writeln!(f, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
        writeln!(f, "<title>{verdict}: {name}</title>\n<style>{STYLE}</style>\n</head>")?;
        writeln!(f, "<body>\n<main>\n<header class=\"{verdict}\">")?;
        writeln!(f, "<p class=\"word\">{verdict}</p>\n<h1>{}</h1>", sentence(&summary(report)))?;
        writeln!(f, "<p class=\"soft\">{name} · {}</p>\n</header>", Escaped(extent(report)))?;
        self.leaks(f)?;
        if let Some(story) = &report.story {
            self.story(f, story)?;
        }
        writeln!(f, "<div class=\"pair\">\n<section>\n<h2>Who saw whom</h2>")?;
        write!(f, "{}", MatrixPicture::new(&report.matrix))?;
        writeln!(f, "<p class=\"soft\">{}</p>\n</section>", self.caption())?;
        writeln!(f, "<section>\n<h2>Switch pairs over seeds</h2>")?;
        write!(f, "{}", CoverageCurve(&report.coverage))?;
        writeln!(f, "<p class=\"soft\">{}</p>\n</section>\n</div>", sentence(&explored(report)))?;
        self.worth(f)?;
        writeln!(f, "</main>\n</body>\n</html>")
    }
}

impl Page<'_> {
    fn leaks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leaks = &self.0.leaks;
        if leaks.is_empty() {
            return Ok(());
        }
        let heading = match self.0.is_only_left_over() {
            true => "What was left behind",
            false => "What leaked",
        };
        writeln!(f, "<section>\n<h2>{heading}</h2>\n<ul class=\"plain\">")?;
        for leak in leaks.iter().take(MOST_LEAKS) {
            let (times, seeds) = (Counted(leak.sightings, "time"), Counted(leak.seeds, "seed"));
            writeln!(f, "<li>{}", sentence(&sighted(&leak.first)))?;
            if !leak.first.excerpt.is_empty() {
                writeln!(f, "<code>{}</code>", Escaped(&leak.first.excerpt))?;
            }
            let seed = leak.seed;
            writeln!(f, "<p class=\"soft\">{times} in {seeds}, first with seed {seed}</p></li>")?;
        }
        if let Some(more @ 1..) = leaks.len().checked_sub(MOST_LEAKS) {
            writeln!(f, "<li>… and {}</li>", Counted(more as u64, "more way"))?;
        }
        writeln!(f, "</ul>\n</section>")
    }

    fn story(&self, f: &mut fmt::Formatter<'_>, story: &Story) -> fmt::Result {
        let (sessions, requests, switches) = story.shrunk_from;
        writeln!(f, "<section>\n<h2>The smallest story</h2>")?;
        writeln!(
            f,
            "<p class=\"soft\">{}, {}, {}; shrunk from {sessions}, {requests} and {switches} in {}, \
             seed {}.</p>",
            Counted(story.sessions.len() as u64, "session"),
            Counted(story.requests as u64, "request"),
            Counted(story.forced_switches as u64, "forced switch point"),
            Counted(story.runs, "run"),
            story.seed,
        )?;
        write!(f, "{}", Timeline(story))?;
        writeln!(f, "</section>")
    }

    fn caption(&self) -> &'static str {
        if self.0.matrix.is_clean() {
            "Nobody saw anybody else. A dot is a session that saw its own data; a ring, one that did not."
        } else {
            "A filled cell is a session (row) that saw another one's data (column); a dot, one that saw \
             its own; a ring, one that did not."
        }
    }

    fn worth(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        writeln!(f, "<section>\n<h2>What this is worth</h2>\n<ul class=\"plain\">")?;
        writeln!(f, "<li>{}</li>", sentence(&planted(report)))?;
        for vacuous in &report.vacuous {
            write!(f, "<li class=\"odd\">{}.", sentence(&unseen(report, vacuous)))?;
            if !vacuous.instead.is_empty() {
                write!(f, " There was {}.", Escaped(&vacuous.instead))?;
            }
            writeln!(f, "</li>")?;
        }
        if !report.is_replayable {
            writeln!(f, "<li class=\"odd\">A seed does not repeat this run.</li>")?;
        }
        for note in &report.notes {
            writeln!(f, "<li>{}</li>", Escaped(note))?;
        }
        if let Some(replay) = &report.replay {
            writeln!(f, "<li>To replay:<pre>{}</pre></li>", Escaped(replay))?;
        }
        writeln!(f, "<li class=\"soft\">{:.1} s in all.</li>\n</ul>\n</section>", report.seconds)
    }
}

/// `text` as a sentence, marked up.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    Marked(&format!("{first}{}", rest.as_str())).to_string()
}
