//! One row of the table: an operation, the one beside it, and what is to be reached.

use std::fmt;

pub struct Row {
    pub title: String,
    /// What `ours` and its ratio count.
    pub unit: &'static str,
    /// The least and the most, where the row stands for several operations.
    pub ours: (f64, f64),
    pub allocations: Option<f64>,
    pub beside: String,
    /// Ours by the rival's; the largest, where the row stands for several operations.
    pub ratio: Option<f64>,
    pub time_ratio: Option<f64>,
    goals: Vec<String>,
    is_missed: bool,
}

impl Row {
    /// A figure that is no operation of its own, such as a difference.
    pub fn new(title: &str, ours: f64, unit: &'static str) -> Self {
        Self {
            title: title.to_owned(),
            unit,
            ours: (ours, ours),
            allocations: None,
            beside: String::new(),
            ratio: None,
            time_ratio: None,
            goals: Vec::new(),
            is_missed: false,
        }
    }

    pub fn beside(mut self, beside: &str, rival: f64) -> Self {
        self.beside = beside.to_owned();
        self.ratio = Some(self.ours.1 / rival);
        self
    }

    pub fn at_most(self, limit: f64) -> Self {
        let is_reached = self.ours.1 <= limit;
        self.goal(is_reached, format!("≤ {limit}"))
    }

    pub fn ratio_at_most(self, limit: f64) -> Self {
        let is_reached = self.ratio.is_some_and(|ratio| ratio <= limit);
        self.goal(is_reached, format!("≤ {limit} ×"))
    }

    pub fn ahead(self) -> Self {
        let is_reached = self.ratio.is_some_and(|ratio| ratio < 1.0);
        self.goal(is_reached, "< 1 ×".to_owned())
    }

    pub fn time_ratio_at_most(self, limit: f64) -> Self {
        let is_reached = self.time_ratio.is_some_and(|ratio| ratio <= limit);
        self.goal(is_reached, format!("time ≤ {limit} ×"))
    }

    pub fn allocations_at_most(self, limit: f64) -> Self {
        let is_reached = self.allocations.is_some_and(|allocations| allocations <= limit);
        self.goal(is_reached, format!("≤ {limit} allocations"))
    }

    fn goal(mut self, is_reached: bool, goal: String) -> Self {
        self.is_missed |= !is_reached;
        self.goals.push(goal);
        self
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = self.ours;
        write!(f, "| {} | {}", self.title, count(least))?;
        if most > least {
            write!(f, " to {}", count(most))?;
        }
        let reached = match (self.goals.is_empty(), self.is_missed) {
            (true, _) => "",
            (false, false) => "yes",
            (false, true) => "**no**",
        };
        write!(
            f,
            "{} | {} | {} | {} | {} | {} | {reached} |",
            self.unit,
            self.allocations.map(count).unwrap_or_default(),
            self.beside,
            self.ratio.map(ratio).unwrap_or_default(),
            self.time_ratio.map(ratio).unwrap_or_default(),
            self.goals.join(", "),
        )
    }
}

/// Instructions are whole, but for the random generator, which works in blocks.
pub fn count(count: f64) -> String {
    let whole = count.round() as u64;
    match whole.to_string() {
        digits if whole < 10_000 => digits,
        digits => {
            let (thousands, rest) = digits.split_at(digits.len() - 3);
            format!("{thousands} {rest}")
        }
    }
}

pub fn ratio(ratio: f64) -> String {
    format!("{ratio:.2}")
}
