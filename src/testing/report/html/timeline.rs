//! The story as a timeline: a lane for each session, a line where another one goes on.

use super::super::words::happens;
use super::super::words::is_forced;
use super::super::words::is_switch;
use super::super::words::who;
use super::escaped::Escaped;
use super::marked::Marked;
use crate::testing::Moment;
use crate::testing::Story;
use crate::testing::StoryStep;
use std::fmt;

/// How many sessions have a lane each; with more, all share one.
const MOST_LANES: usize = 3;

/// How many moments are drawn at the beginning, and at the end.
const MOST_MOMENTS: usize = 200;

pub(super) struct Timeline<'a>(pub(super) &'a Story);

impl Timeline<'_> {
    fn lanes(&self) -> usize {
        let nobody = self.0.timeline.iter().any(|moment| moment.session.is_none());
        let lanes = self.0.sessions.len() + usize::from(nobody);
        if lanes > MOST_LANES { 1 } else { lanes.max(1) }
    }

    /// The lane of a session, from 0; nobody has the last one.
    fn lane(&self, session: Option<usize>) -> usize {
        let known = self.0.sessions.iter().position(|known| Some(*known) == session);
        known.unwrap_or(self.0.sessions.len()).min(self.lanes() - 1)
    }

    /// Sessions that share a lane differ by colour.
    fn colour(&self, session: Option<usize>) -> &'static str {
        let known = self.0.sessions.iter().position(|known| Some(*known) == session);
        known.and_then(|place| ["a", "b", "c"].get(place % 3)).copied().unwrap_or("c")
    }

    fn moment(&self, f: &mut fmt::Formatter<'_>, moment: &Moment) -> fmt::Result {
        let lane = self.lane(moment.session) + 1;
        let class = match &moment.what {
            StoryStep::Sees(_) => "moment sees",
            StoryStep::Stops { forced: true, .. } => "moment stops forced",
            StoryStep::Stops { .. } => "moment stops",
            StoryStep::Fault(_) => "moment fault",
            _ => "moment",
        };
        let colour = self.colour(moment.session);
        write!(f, "<li class=\"{class} {colour}\" style=\"grid-column:{lane}\">")?;
        write!(f, "<span class=\"who\">{}</span> ", Escaped(who(moment)))?;
        write!(f, "{}", Marked(&happens(moment)))?;
        write!(f, " <span class=\"step\">step {}</span>", moment.step)?;
        if let StoryStep::Sees(sighting) = &moment.what
            && !sighting.excerpt.is_empty()
        {
            write!(f, "<code>{}</code>", Escaped(&sighting.excerpt))?;
        }
        f.write_str("</li>\n")
    }
}

impl fmt::Display for Timeline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moments = &self.0.timeline;
        let end = moments.len().saturating_sub(MOST_MOMENTS);
        writeln!(f, "<ol class=\"timeline\" style=\"--lanes:{}\">", self.lanes())?;
        let mut before = None;
        for (place, moment) in moments.iter().enumerate() {
            if place >= MOST_MOMENTS && place < end {
                if place == MOST_MOMENTS {
                    writeln!(f, "<li class=\"switch\">{} moments left out</li>", end - place)?;
                }
            } else {
                if is_switch(before, moment) {
                    let (class, forced) = if is_forced(before) {
                        ("switch forced", "forced ")
                    } else {
                        ("switch", "")
                    };
                    writeln!(
                        f,
                        "<li class=\"{class}\">{forced}switch to {}</li>",
                        Escaped(who(moment))
                    )?;
                }
                self.moment(f, moment)?;
            }
            before = Some(moment);
        }
        f.write_str("</ol>\n")
    }
}
