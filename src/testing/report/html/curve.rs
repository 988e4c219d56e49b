//! How many pairs of switches were seen, over the seeds, as a curve.

use super::super::words::Counted;
use super::super::words::Grouped;
use crate::testing::Coverage;
use std::fmt;

/// How many points are drawn.
const MOST_POINTS: usize = 400;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 30.0;

/// The curve: steep while each seed shows something new, flat when more seeds would show no more.
pub(super) struct CoverageCurve<'a>(pub(super) &'a Coverage);

impl CoverageCurve<'_> {
    fn points(&self) -> Vec<(f64, f64)> {
        let curve = &self.0.curve;
        let every = curve.len().div_ceil(MOST_POINTS).max(1);
        let (Some(last), pairs) = (curve.last(), self.0.pairs().max(1) as f64) else {
            return Vec::new();
        };
        let place = |(seeds, seen): (u64, u64)| {
            let x = LEFT + (WIDTH - LEFT - RIGHT) * seeds as f64 / last.0.max(1) as f64;
            (x, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * seen as f64 / pairs)
        };
        let mut points = vec![place((0, 0))];
        points.extend(curve.iter().step_by(every).map(|point| place(*point)));
        points.push(place(*last));
        points
    }
}

impl fmt::Display for CoverageCurve<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.points();
        let (Some((first, _)), Some((end, _))) = (points.first(), points.last()) else {
            return f.write_str("<p class=\"none\">No switch was seen.</p>\n");
        };
        let line: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let (line, floor) = (line.join(" "), HEIGHT - BOTTOM);
        let (seeds, pairs) = (self.0.curve.last().map_or(0, |(seeds, _)| *seeds), self.0.pairs());
        writeln!(
            f,
            "<svg class=\"curve\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Distinct \
             switch pairs over seeds\">"
        )?;
        for mark in [0, pairs / 2, pairs] {
            let part = mark as f64 / pairs.max(1) as f64;
            let y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part;
            let label = Grouped(mark);
            writeln!(
                f,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>",
                WIDTH - RIGHT
            )?;
            writeln!(
                f,
                "<text class=\"row\" x=\"{}\" y=\"{}\">{label}</text>",
                LEFT - 6.0,
                y + 4.0
            )?;
        }
        writeln!(
            f,
            "<polygon class=\"area\" points=\"{first:.1},{floor} {line} {end:.1},{floor}\"/>"
        )?;
        writeln!(f, "<polyline class=\"line\" points=\"{line}\"/>")?;
        let label = HEIGHT - 10.0;
        writeln!(f, "<text class=\"axis\" x=\"{LEFT}\" y=\"{label}\">0</text>")?;
        writeln!(
            f,
            "<text class=\"axis end\" x=\"{}\" y=\"{label}\">{}</text>",
            WIDTH - RIGHT,
            Counted(seeds, "seed")
        )?;
        f.write_str("</svg>\n")
    }
}
